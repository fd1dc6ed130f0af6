"""A client of ``yaml-language-server``, the server behind YAML in VS Code, neovim and others."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

PATIENCE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A document that is open in the server, and a position in it, counted from 0."""

    uri: str
    line: int
    character: int

    @property
    def parameters(self):
        position = {"line": self.line, "character": self.character}
        return {"textDocument": {"uri": self.uri}, "position": position}


@dataclass(kw_only=True)
class LanguageServer:
    """Speaks the Language Server Protocol with the process of ``command``; ``schema`` is the file's schema.

    Source: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
    """

    command: tuple[str | Path, ...]
    schema: Path
    _numbers: count = field(default_factory=lambda: count(1))
    _messages: queue.Queue = field(default_factory=queue.Queue)

    def __enter__(self):
        self._process = subprocess.Popen(  # noqa: S603 - the server that the test names
            [*self.command, "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        threading.Thread(target=self._read, daemon=True).start()
        self._request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self._notify("initialized", {})
        self._notify("workspace/didChangeConfiguration", {"settings": {"yaml": self._settings}})
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.communicate()

    def diagnostics(self, text):
        """``(line, message)`` of each mark, lines counted from 1."""
        uri = self._open(text)
        found = self._wait(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri
            )
        )
        return [
            (each["range"]["start"]["line"] + 1, each["message"]) for each in found["params"]["diagnostics"]
        ]

    def completions(self, text):
        """Labels of what is offered at ``|``."""
        found = self._request("textDocument/completion", self._place(text).parameters)
        return [each["label"] for each in found["result"]["items"]]

    def hover(self, text):
        """What is shown over ``|``; empty if nothing is."""
        found = self._request("textDocument/hover", self._place(text).parameters)["result"]
        return found["contents"]["value"] if found else ""

    @property
    def _settings(self):
        return {
            "validate": True,
            "hover": True,
            "completion": True,
            "schemas": {self.schema.as_uri(): "*.yaml"},
            "schemaStore": {"enable": False},
        }

    def _place(self, text):
        before, _, after = text.partition("|")
        line = before.count("\n")
        return Place(
            uri=self._open(before + after), line=line, character=len(before) - before.rfind("\n") - 1
        )

    def _open(self, text):
        uri = f"file:///{next(self._numbers)}.yaml"
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def _notify(self, method, parameters):
        self._send({"method": method, "params": parameters})

    def _request(self, method, parameters):
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": parameters})
        return self._wait(lambda message: message.get("id") == number and "method" not in message)

    def _send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self):
        stream = self._process.stdout
        while header := stream.readline():
            length = int(header.split(b":")[1])
            while stream.readline().strip():
                pass
            self._messages.put(json.loads(stream.read(length)))

    def _wait(self, is_it):
        while True:
            message = self._messages.get(timeout=PATIENCE_S)
            if is_it(message):
                return message
            if "id" in message and "method" in message:
                self._send({"id": message["id"], "result": self._answer(message)})

    def _answer(self, message):
        if message["method"] != "workspace/configuration":
            return None
        asked = message["params"]["items"]
        return [self._settings if item.get("section") == "yaml" else {} for item in asked]
