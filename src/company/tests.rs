//! The index on the disk: made of files, read back, never half.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use super::{
    add::{self, Source, Step, Table},
    *,
};
use crate::detect::{
    Category, Detector,
    company::{Index, Kind, Settings},
};

fn folder(state: &Path) -> Folder {
    Folder::open(state).unwrap()
}

fn detector(folder: &Folder) -> Detector {
    let index = Index::new(folder.key(), Settings::default(), Vec::new(), folder.parts().unwrap(), &[]);
    Detector::compile(&[], &[]).unwrap().with_company(Arc::new(index))
}

fn rules(detector: &Detector, text: &str) -> Vec<String> {
    let findings = detector.scan(text).findings;
    findings.iter().map(|finding| format!("{} {}", finding.rule, finding.reasons[0])).collect()
}

const SENTENCE: &str = "The board decided to close the Tuttlingen plant in March and to move its two lines to Brno; the works council has not been told and must not learn of it before the supervisory board meets on the ninth.";

/// A docx as word processors write it, as small as it gets.
fn docx(path: &Path, text: &str) {
    let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
    archive.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let (first, second) = text.split_at(20);
    let xml =
        format!("<w:document><w:p><w:r><w:t>{first}</w:t></w:r><w:r><w:t>{second}</w:t></w:r></w:p></w:document>");
    std::io::Write::write_all(&mut archive, xml.as_bytes()).unwrap();
    archive.finish().unwrap();
}

#[test]
fn documents_of_every_kind_are_recognised() {
    let state = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    docx(&files.path().join("plan.docx"), SENTENCE);
    fs::write(files.path().join("plan.html"), format!("<p>{}</p>", SENTENCE.replace("plant", "<b>pla</b>nt"))).unwrap();
    fs::write(files.path().join("plan.txt"), SENTENCE.replace(' ', "\n")).unwrap();
    fs::write(files.path().join("scan.pdf"), "%PDF").unwrap();
    fs::write(files.path().join("broken.docx"), "no archive").unwrap();
    let folder = folder(state.path());
    for file in ["plan.docx", "plan.html", "plan.txt"] {
        let sources: Vec<Source> = [file, "scan.pdf", "broken.docx"]
            .map(|name| Source { path: files.path().join(name), name: name.to_owned() })
            .to_vec();
        let mut skipped = Vec::new();
        let note = |step: Step<'_>| match step {
            Step::Skipped { source, why } => skipped.push(format!("{}: {why}", source.name)),
            Step::Added { .. } => {}
        };
        let made = add::documents(&folder, Kind::Documents, "board", None, &sources, note).unwrap();
        folder.put(&made.part).unwrap();
        assert!(skipped.len() == 2 && skipped[0].starts_with("scan.pdf: PDF is not read"), "{skipped:?}");
        let found = rules(&detector(&folder), &format!("Translate: {SENTENCE}"));
        assert!(found.len() == 1 && found[0].ends_with(&format!("% of `{file}`")), "{found:?}");
        folder.remove("board", None).unwrap();
    }
    let other = add::documents(&folder, Kind::Documents, "board", Some(100), &[], |_| {});
    assert!(other.is_err());
}

#[test]
fn a_table_is_taken_by_its_columns_and_its_faults_are_told_with_their_lines() {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("customers.csv");
    fs::write(&file, "name;account;city\nAnna Schmidt;12345678;Berlin\nBoris Wolf;87654321;Graz\n").unwrap();
    let folder = folder(state.path());
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (columns, unique) = (names(&["name", "account", "city"]), names(&["account"]));
    let wanted = Table { name: "customers", category: Category::company(), columns: &columns, unique: &unique };
    folder.put(&add::table(&folder, &file, &wanted).unwrap().part).unwrap();
    let detector = detector(&folder);
    assert_eq!(rules(&detector, "acc. 12 345 678"), ["company.data.customers `account` of one row of `customers`"]);
    assert_eq!(rules(&detector, "Boris Wolf from Graz").len(), 2);
    assert!(rules(&detector, "Boris Wolf from Berlin").is_empty());

    let missing = names(&["accnt"]);
    let told = add::table(&folder, &file, &Table { unique: &missing, ..wanted.clone() }).unwrap_err().to_string();
    assert!(told.contains("customers.csv`: line 1: there is no column `accnt`"), "{told}");
    fs::write(&file, "name;account;city\nAnna Schmidt\n").unwrap();
    let told = add::table(&folder, &file, &wanted).unwrap_err().to_string();
    assert!(told.contains("line 2: there is no field for column `account`: the row has 1"), "{told}");
}

#[test]
fn a_directory_export_is_taken_by_its_attributes() {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("people.ldif");
    fs::write(&file, "dn: cn=a\ncn: Anna Schmidt\nmail: anna.schmidt@corp.example\ntelephoneNumber: +49 7461 99 1234\n\ndn: cn=b\ncn: Boris Wolf\n").unwrap();
    let folder = folder(state.path());
    let unique = vec!["mail".to_owned()];
    let wanted = Table { name: "people", category: Category::company(), columns: &[], unique: &unique };
    folder.put(&add::table(&folder, &file, &wanted).unwrap().part).unwrap();
    let detector = detector(&folder);
    assert_eq!(rules(&detector, "to ANNA.SCHMIDT@corp.example").len(), 1);
    assert_eq!(rules(&detector, "Schmidt, no: Anna Schmidt, +49-7461-99-1234").len(), 2);
    assert!(rules(&detector, "Anna Schmidt").is_empty());
}

#[test]
fn secrets_are_named_by_their_keys() {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("prod.env");
    fs::write(&file, "DB_PASSWORD=Regen;Tonne-7\nPORT=5432\nNODE_ENV=production\n").unwrap();
    let folder = folder(state.path());
    let made = add::secrets(&folder, "prod", &file).unwrap();
    assert!(made.remarks[1].contains("PORT") && made.remarks[2].contains("NODE_ENV"), "{:?}", made.remarks);
    folder.put(&made.part).unwrap();
    let found = rules(&detector(&folder), "log in with Regen;Tonne-7, please");
    assert_eq!(found, ["company.secret.prod value of `DB_PASSWORD` in `prod.env`"]);
}

#[test]
fn files_are_private_and_a_damaged_one_is_an_error_and_can_be_removed() {
    let state = tempfile::tempdir().unwrap();
    assert!(Folder::existing(state.path()).unwrap().is_none());
    let folder = folder(state.path());
    let env = state.path().join("a.env");
    fs::write(&env, "API_TOKEN=q8Zr2Lm0Vx7Tn4Kp").unwrap();
    folder.put(&add::secrets(&folder, "a", &env).unwrap().part).unwrap();
    let path = state.path().join("index/secret.a.idx");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    let (one, same) = (folder.parts().unwrap(), folder.parts().unwrap());
    assert!(Arc::ptr_eq(&one[0], &same[0]), "what is in use is not read again");

    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let told = Folder::existing(state.path()).unwrap().unwrap().parts().unwrap_err().to_string();
    assert!(told.contains("its checksum does not hold") && told.contains("scrim index remove a"), "{told}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(folder.parts().unwrap_err().to_string().contains("chmod 600"));
    assert_eq!(folder.remove("a", None).unwrap(), [Kind::Secrets]);
    assert!(folder.remove("a", None).unwrap_err().to_string().contains("nothing in the index is called `a`"));

    let _held = folder.lock().unwrap();
    assert!(folder.lock().unwrap_err().to_string().contains("another `scrim index`"));
}

#[test]
fn names_come_from_files_and_folders() {
    for (path, name) in
        [("/x/Plan 2027.docx", "plan-2027"), ("prod.env", "prod"), ("/x/.env", "env"), ("Ärger_7", "rger-7")]
    {
        assert_eq!(name_of(Path::new(path)).as_deref(), Some(name), "{path}");
    }
    assert!(!is_name("") && !is_name("-a") && !is_name("A") && is_name("a-1"));
}
