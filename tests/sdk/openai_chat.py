"""Chat completions by the official openai SDK. Usage: openai_chat.py WAY…, of stream, whole, tool-stream, tool-whole"""

import json

import openai

from report import PROMPT, TIMEOUT, report

client = openai.OpenAI(api_key="sk-test", timeout=TIMEOUT)
ASKED = [{"role": "user", "content": PROMPT}]
TOOL = {
    "type": "function",
    "function": {
        "name": "write_file",
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}, "content": {"type": "string"}}},
    },
}


def whole():
    answer = client.chat.completions.create(model="gpt-test", messages=ASKED)
    return {"text": answer.choices[0].message.content}


def stream():
    with client.chat.completions.stream(model="gpt-test", messages=ASKED) as events:
        pieces = [event.delta for event in events if event.type == "content.delta"]
        try:
            final = events.get_final_completion().choices[0].message.content
        except openai.LengthFinishReasonError:
            return {"text": "".join(pieces)}
    assert "".join(pieces) == final, (pieces, final)
    return {"text": final}


def called(message):
    """Sends the tool's result as the next turn."""
    call = message.tool_calls[0]
    turn = {"role": "assistant", "content": None, "tool_calls": [call.model_dump(include={"id": True, "type": True, "function": {"name", "arguments"}})]}
    result = {"role": "tool", "tool_call_id": call.id, "content": f"wrote {PROMPT}"}
    answer = client.chat.completions.create(model="gpt-test", messages=[*ASKED, turn, result], tools=[TOOL])
    return {"arguments": json.loads(call.function.arguments), "text": answer.choices[0].message.content}


def tool_whole():
    return called(client.chat.completions.create(model="gpt-test", messages=ASKED, tools=[TOOL]).choices[0].message)


def tool_stream():
    with client.chat.completions.stream(model="gpt-test", messages=ASKED, tools=[TOOL]) as events:
        events.until_done()
        return called(events.get_final_completion().choices[0].message)


report({"whole": whole, "stream": stream, "tool-whole": tool_whole, "tool-stream": tool_stream}, openai.APIStatusError)
