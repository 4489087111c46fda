"""A message as the API sends it: whole, or as a stream of events."""

import json
import time
import uuid


def fresh(prefix):
    return prefix + uuid.uuid4().hex[:24]


def whole_message(model, blocks):
    """The body of an answer that is not streamed. `blocks`: pairs of Block and its filled input."""
    content = []
    for block, filled in blocks:
        if block.kind == "tool":
            content.append({"type": "tool_use", "id": fresh("toolu_"), "name": block.words, "input": filled})
        elif block.kind == "text":
            content.append({"type": "text", "text": block.words})
    return {**head(model), "content": content, "stop_reason": stop_reason(blocks), "usage": usage(20)}


def head(model, tokens=12):
    return {"id": fresh("msg_"), "type": "message", "role": "assistant", "model": model, "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": usage(1, tokens)}


def usage(output, tokens=12):
    return {"input_tokens": tokens, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": output}


def stop_reason(blocks):
    return "tool_use" if any(block.kind == "tool" for block, _ in blocks) else "end_turn"


def send_stream(out, model, step, blocks, api):
    """Sends the events of one message. Returns whether the connection must be closed."""

    def event(kind, **body):
        text = f"event: {kind}\ndata: {json.dumps({'type': kind, **body})}\n\n".encode()
        out.write(b"%x\r\n%s\r\n" % (len(text), text))
        out.flush()

    event("message_start", message=head(model, step.tokens))
    for index, (block, filled) in enumerate(blocks):
        delta = lambda **body: event("content_block_delta", index=index, delta=body)  # noqa: B023, E731
        if block.kind == "tool":
            start = {"type": "tool_use", "id": fresh("toolu_"), "name": block.words, "input": {}}
            event("content_block_start", index=index, content_block=start)
            delta(type="input_json_delta", partial_json=json.dumps(filled))
        else:
            start = {"type": block.kind, block.kind: ""}
            event("content_block_start", index=index, content_block=start)
            for words in spoken(block, api):
                delta(**{"type": block.kind + "_delta", block.kind: words})
            if block.kind == "thinking":
                delta(type="signature_delta", signature="bW9jaw==")
        event("content_block_stop", index=index)
    if step.cut:
        return True
    event("message_delta", delta={"stop_reason": step.stop or stop_reason(blocks), "stop_sequence": None}, usage={"output_tokens": 20})
    event("message_stop")
    out.write(b"0\r\n\r\n")
    out.flush()
    return False


def spoken(block, api):
    """The words of a block, at the pace it asks for."""
    yield block.words
    if block.silent:
        api.hold(block.until, 300)
    elif block.until:
        number = 0
        while not api.hold(block.until, 0.2) and number < 1500:
            number += 1
            yield f" word{number}"
    elif block.seconds:
        for number in range(int(block.seconds * 5)):
            time.sleep(0.2)
            yield f" word{number}"
