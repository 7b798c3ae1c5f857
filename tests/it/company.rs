//! What the company itself keeps a list of: added by `scrim index` beside a running instance, found in prompts, named in
//! refusals and in the log, and nowhere on the disk.

use std::{fs, path::Path};

use crate::harness::{
    dialect::{Delivery, Dialect},
    model::Model,
    origin::Plan,
    samples::{HARMLESS, placeholders},
    settings::Settings,
    world::World,
};

/// A page of a document that must not leave.
const PLAN: &str = "Project Falkenhorst, minutes of the steering board. The board decided to close the Tuttlingen plant in \
    March and to move both of its assembly lines to Brno. The works council has not been told and must not learn of it \
    before the supervisory board meets on the ninth. Redundancy payments are provided for with forty-one million.";

const SECRET: &str = "Regen;Tonne-7 x";

/// Writes a file beside the configuration.
fn write(world: &World, name: &str, text: &str) -> String {
    let path = world.folder().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// Adds to the index of the running instance.
fn add(world: &World, arguments: &[&str]) {
    let said = world.scrim(&[&["index", "add"], arguments].concat());
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert!(said.stderr.contains("in force in the running instance"), "{}", said.stderr);
}

async fn ask(world: &World, text: &str) -> String {
    let reply = world.client().ask(Dialect::ChatGpt, Delivery::Streamed, text).await;
    reply.stream(Dialect::ChatGpt).text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passage_of_a_document_is_refused_with_the_documents_name_as_soon_as_it_is_added() {
    let world = World::start().await;
    let folder = write(&world, "board/minutes-2027.md", PLAN);
    let passage = PLAN.get(52..312).unwrap().to_uppercase().replace(' ', "\n");
    let prompt = format!("Please translate this into French:\n\n{passage}\n");
    assert!(ask(&world, &prompt).await.starts_with("You said: "), "nobody knows the document yet");

    add(&world, &[Path::new(&folder).parent().unwrap().to_str().unwrap()]);
    let n_before = world.origin.prompts().len();
    let told = ask(&world, &prompt).await;
    assert!(told.contains("Scrim kept this message inside the company"), "{told}");
    assert!(told.contains("a passage of a company document") && told.contains("% of `minutes-2027.md`"), "{told}");
    assert_eq!(world.origin.prompts().len(), n_before, "the prompt did not leave");
    assert!(ask(&world, HARMLESS).await.contains(HARMLESS));

    let log = world.log();
    let finding = &log.last().unwrap()["findings"][0];
    assert_eq!(finding["rule"], "company.document.board", "{finding}");
    assert!(finding["reasons"][0].as_str().unwrap().contains("`minutes-2027.md`"), "{finding}");
    assert!(!log.iter().any(|event| event.to_string().contains("TUTTLINGEN")), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passage_is_answered_by_the_local_model_where_there_is_one() {
    let model = Model::start().await;
    let world = World::with(Plan::default(), Settings::with_model(&model.url())).await;
    add(&world, &[&write(&world, "minutes.txt", PLAN), "--name", "board"]);
    let told = ask(&world, PLAN).await;
    assert!(told.contains("inside the company, because") && told.contains("% of `minutes.txt`"), "{told}");
    assert!(world.origin.prompts().is_empty() && !model.asked_about("Tuttlingen").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_a_dictionary_and_two_fields_of_a_row_are_masked_and_restored() {
    let names = tempfile::tempdir().unwrap();
    let file = names.path().join("names.txt");
    fs::write(&file, "# projects\nFalkenhorst\nBlue Harbour\n").unwrap();
    let sections =
        format!("[[detect.dictionary]]\nname = \"projects\"\nfile = \"{}\"\ncategory = \"PROJECT\"\n", file.display());
    let world = World::with(Plan::default(), Settings { sections, ..Settings::default() }).await;
    let table = write(&world, "customers.csv", "name;account\nAnna Schmidthuber;12345678\nBoris Wolfsgruber;8765432\n");
    add(&world, &["--csv", &table, "--key-columns", "account", "--category", "CUSTOMER"]);

    let text = "Is FALKENHORST or blue-harbour known to boris wolfsgruber, no. 8 765 432?";
    let reply = world.client().ask(Dialect::OpenAiChat, Delivery::Streamed, text).await;
    let asked = world.origin.only_prompt().asked();
    assert_eq!(placeholders(&asked).len(), 4, "{asked}");
    assert!(asked.contains("PROJECT_") && asked.contains("CUSTOMER_") && !asked.contains("765"), "{asked}");
    assert_eq!(reply.stream(Dialect::OpenAiChat).text, format!("You said: {text}"));

    let alone = "Who is Boris Wolfsgruber?";
    world.client().ask(Dialect::OpenAiChat, Delivery::Streamed, alone).await;
    assert!(!world.origin.prompts().pop().unwrap().asked().contains("CUSTOMER_"), "a name alone is nobody's row");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_secret_is_refused_wherever_it_stands_until_it_is_removed() {
    let world = World::start().await;
    add(&world, &["--secrets", &write(&world, "prod.env", &format!("DB_PASSWORD=\"{SECRET}\"\n"))]);
    let prompt = format!("why is ({SECRET}) no good");
    let told = ask(&world, &prompt).await;
    assert!(told.contains("value of `DB_PASSWORD` in `prod.env`"), "{told}");
    assert!(!world.origin.received(SECRET) && world.origin.prompts().is_empty());

    let removed = world.scrim(&["index", "remove", "prod"]);
    assert_eq!(removed.code, Some(0), "{}", removed.stderr);
    assert!(ask(&world, &prompt).await.contains(SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_what_was_added_lies_in_the_state_folder() {
    let world = World::start().await;
    add(&world, &["--secrets", &write(&world, "prod.env", &format!("DB_PASSWORD=\"{SECRET}\"\n"))]);
    add(
        &world,
        &["--csv", &write(&world, "people.csv", "name,mail\nAnna Schmidthuber,anna.schmidthuber@corp.example\n")],
    );
    add(&world, &[&write(&world, "minutes.txt", PLAN)]);
    let canaries = [SECRET, "Schmidthuber", "annaschmidthuber", "Tuttlingen", "tuttlingen"];
    for file in fs::read_dir(world.scrim.state().join("index")).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for canary in canaries {
            for form in forms(canary) {
                let held = bytes.windows(form.len()).any(|window| window == form);
                assert!(!held, "{canary} in {}", path.display());
            }
        }
    }
}

/// A value as it is, in UTF-16, in code points, in hexadecimal and in the three phases of base64.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![value.as_bytes().to_vec(), data_encoding::HEXLOWER.encode(value.as_bytes()).into_bytes()];
    forms.push(value.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms.push(value.chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect());
    for phase in 0..3 {
        let padded = [vec![0; phase], value.as_bytes().to_vec()].concat();
        let encoded = data_encoding::BASE64_NOPAD.encode(&padded).into_bytes();
        // What depends on neighbours is cut off.
        let inside = encoded.get(phase + usize::from(phase > 0)..encoded.len().saturating_sub(2)).unwrap();
        forms.push(inside.to_vec());
    }
    forms
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_index_stops_everything_that_would_search_with_half_of_it() {
    let mut world = World::start().await;
    add(&world, &["--secrets", &write(&world, "prod.env", &format!("DB_PASSWORD=\"{SECRET}\"\n"))]);
    let path = world.scrim.state().join("index/secret.prod.idx");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();

    let reload = world.scrim(&["reload"]);
    assert!(reload.code == Some(2) && reload.stderr.contains("its checksum does not hold"), "{}", reload.stderr);
    let scan = world.scrim(&["scan", "--no-index", &world.config().display().to_string()]);
    assert_ne!(scan.code, Some(2), "{}", scan.stderr);
    let scan = world.scrim(&["scan", &world.config().display().to_string()]);
    assert!(scan.code == Some(2) && scan.stderr.contains("scrim index remove prod"), "{}", scan.stderr);
    assert!(!ask(&world, SECRET).await.contains("You said"), "the old index stays in force");

    world.scrim.terminate();
    world.scrim.ended().await;
    let refused = crate::harness::scrim::Scrim::try_up(&world.config(), world.scrim.state()).await;
    assert!(refused.err().is_some_and(|said| said.stderr.contains("checksum")), "it does not start without its index");
}
