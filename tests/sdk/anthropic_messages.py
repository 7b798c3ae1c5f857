"""Messages by the official anthropic SDK. Usage: anthropic_messages.py WAY…, of stream, whole, tool-stream, tool-whole"""

import anthropic

from report import PROMPT, TIMEOUT, report

client = anthropic.Anthropic(api_key="sk-ant-test", timeout=TIMEOUT)
ASKED = [{"role": "user", "content": PROMPT}]
COMMON = {"model": "claude-test", "max_tokens": 256}
TOOL = {
    "name": "write_file",
    "description": "Writes a file.",
    "input_schema": {"type": "object", "properties": {"path": {"type": "string"}, "content": {"type": "string"}}},
}


def whole():
    return {"text": client.messages.create(messages=ASKED, **COMMON).content[0].text}


def stream():
    with client.messages.stream(messages=ASKED, **COMMON) as events:
        pieces = list(events.text_stream)
        final = events.get_final_message().content[0].text
    assert "".join(pieces) == final, (pieces, final)
    return {"text": final}


def called(message):
    """Sends the tool's result as the next turn."""
    call = message.content[0]
    turn = {"role": "assistant", "content": [{"type": "tool_use", "id": call.id, "name": call.name, "input": call.input}]}
    content = [{"type": "text", "text": f"wrote {PROMPT}"}]
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": content}]}
    answer = client.messages.create(messages=[*ASKED, turn, result], tools=[TOOL], **COMMON)
    return {"arguments": call.input, "text": answer.content[0].text}


def tool_whole():
    return called(client.messages.create(messages=ASKED, tools=[TOOL], **COMMON))


def tool_stream():
    with client.messages.stream(messages=ASKED, tools=[TOOL], **COMMON) as events:
        events.until_done()
        return called(events.get_final_message())


report({"whole": whole, "stream": stream, "tool-whole": tool_whole, "tool-stream": tool_stream}, anthropic.APIStatusError)
