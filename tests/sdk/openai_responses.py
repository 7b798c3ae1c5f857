"""Responses by the official openai SDK. Usage: openai_responses.py WAY…, of stream, whole, tool-stream, tool-whole"""

import json

import openai

from report import PROMPT, TIMEOUT, report

client = openai.OpenAI(api_key="sk-test", timeout=TIMEOUT)
TOOL = {
    "type": "function",
    "name": "write_file",
    "strict": False,
    "parameters": {"type": "object", "properties": {"path": {"type": "string"}, "content": {"type": "string"}}},
}


def whole():
    return {"text": client.responses.create(model="gpt-test", input=PROMPT).output_text}


def stream():
    with client.responses.stream(model="gpt-test", input=PROMPT) as events:
        pieces = [event.delta for event in events if event.type == "response.output_text.delta"]
        final = events.get_final_response().output_text
    assert "".join(pieces) == final, (pieces, final)
    return {"text": final}


def called(response):
    """Sends the tool's result as the next turn."""
    call = response.output[0]
    asked = {"role": "user", "content": PROMPT}
    turn = {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
    result = {"type": "function_call_output", "call_id": call.call_id, "output": f"wrote {PROMPT}"}
    answer = client.responses.create(model="gpt-test", input=[asked, turn, result], tools=[TOOL])
    return {"arguments": json.loads(call.arguments), "text": answer.output_text}


def tool_whole():
    return called(client.responses.create(model="gpt-test", input=PROMPT, tools=[TOOL]))


def tool_stream():
    with client.responses.stream(model="gpt-test", input=PROMPT, tools=[TOOL]) as events:
        events.until_done()
        return called(events.get_final_response())


report({"whole": whole, "stream": stream, "tool-whole": tool_whole, "tool-stream": tool_stream}, openai.APIStatusError)
