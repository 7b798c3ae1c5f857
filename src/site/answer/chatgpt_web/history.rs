//! Reads a conversation that exists only here back to the page, as chatgpt.com would, with the calls that go with it.

use serde_json::{Map, Value, json};

use crate::site::{
    Head, Reply, Speaker, Turn,
    answer::{reply, stamp},
};

/// Characters of the first message that make a title.
const TITLE_MAX: usize = 40;

/// The reply to a call about the conversation; `None` for calls that are not about reading it.
pub(super) fn history(head: &Head, id: &str, turns: &[Turn], now: u64) -> Option<Reply> {
    let (_, below) = head.path.split_once(id)?;
    let titled = head.path.contains("/gen_title/");
    let body = match (head.method.as_str(), below.trim_end_matches('/')) {
        ("GET", "") => tree(id, turns, now),
        ("GET", "/stream_status") => json!({"status": "IS_NOT_STREAMING"}),
        ("GET", "/textdocs") => json!([]),
        ("POST", "") if titled => json!({"title": title(turns)}),
        _ => return None,
    };
    Some(reply::document(200, &body))
}

/// The first words that the person said.
pub(in crate::site::answer) fn title(turns: &[Turn]) -> String {
    let first = turns.iter().find(|turn| turn.speaker == Speaker::User);
    let line = first.and_then(|turn| turn.text.lines().next()).unwrap_or_default();
    line.chars().take(TITLE_MAX).collect()
}

fn tree(id: &str, turns: &[Turn], now: u64) -> Value {
    let spoken: Vec<&Turn> = turns.iter().filter(|turn| turn.speaker != Speaker::System).collect();
    let root = "client-created-root".to_owned();
    let ids: Vec<String> = (0..spoken.len()).map(|n| stamp::uuid(id.as_bytes(), &format!("turn {n}"))).collect();
    let child_of = |index: usize| ids.get(index).into_iter().collect::<Vec<_>>();
    let mut mapping = Map::new();
    mapping.insert(root.clone(), json!({"id": root, "message": null, "parent": null, "children": child_of(0)}));
    for (index, (turn, node)) in spoken.iter().zip(&ids).enumerate() {
        let parent = index.checked_sub(1).and_then(|before| ids.get(before)).unwrap_or(&root);
        mapping.insert(
            node.clone(),
            json!({"id": node, "message": message(node, turn, now), "parent": parent, "children": child_of(index + 1)}),
        );
    }
    json!({
        "title": title(turns),
        "create_time": now,
        "update_time": now,
        "mapping": mapping,
        "moderation_results": [],
        "current_node": ids.last().unwrap_or(&root),
        "conversation_id": id,
        "is_archived": false,
        "safe_urls": [],
        "default_model_slug": "auto"
    })
}

fn message(id: &str, turn: &Turn, now: u64) -> Value {
    let role = if turn.speaker == Speaker::Assistant { "assistant" } else { "user" };
    json!({
        "id": id,
        "author": {"role": role, "name": null, "metadata": {}},
        "create_time": now,
        "update_time": null,
        "content": {"content_type": "text", "parts": [turn.text]},
        "status": "finished_successfully",
        "end_turn": turn.speaker == Speaker::Assistant,
        "weight": 1.0,
        "metadata": {},
        "recipient": "all",
        "channel": null
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(speaker: Speaker, text: &str) -> Turn {
        Turn { speaker, text: text.to_owned() }
    }

    fn get(path: &str) -> Option<Value> {
        let head = Head { method: "GET".to_owned(), path: path.to_owned(), ..Head::default() };
        let turns = [turn(Speaker::System, "s"), turn(Speaker::User, "one"), turn(Speaker::Assistant, "two")];
        history(&head, "6650-1b", &turns, 9).map(|reply| serde_json::from_slice(&reply.body).unwrap())
    }

    #[test]
    fn a_conversation_reads_as_a_chain_of_messages() {
        let body = get("/backend-api/conversation/6650-1b").unwrap();
        let mut node = &body["mapping"]["client-created-root"];
        let mut said = Vec::new();
        while let Some(next) = node["children"][0].as_str() {
            let parent = node["id"].clone();
            node = &body["mapping"][next];
            assert_eq!(node["parent"], parent);
            said.push(node["message"]["content"]["parts"][0].as_str().unwrap());
        }
        assert_eq!(said, ["one", "two"]);
        assert_eq!(node["id"], body["current_node"]);
        assert_eq!(body["title"], "one");
    }

    #[test]
    fn calls_about_a_conversation_are_answered_and_others_are_not() {
        assert_eq!(get("/backend-api/conversation/6650-1b/textdocs"), Some(json!([])));
        assert_eq!(get("/backend-api/conversation/6650-1b/share"), None);
        assert_eq!(get("/backend-api/conversation/other"), None);
    }
}
