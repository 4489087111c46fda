#!/usr/bin/env bash
# MCP Inspector 0.15.0 and 2.12.0 (npm), `--cli --method tools/call --tool-arg NAME=VALUE`, with a server of
# the official TypeScript SDK.
#
# Guess: the CLI reads the tool's inputSchema, so an argument arrives with the type that it declares: 3 as a
# number where an integer is allowed, 7 as text where text is.
# Seen: 0.15.0 converts only where `type` is a single word. For ["integer", "null"], ["boolean", "null"] and
# anyOf, which is how schemars and zod write an optional or nullable field, "3" and "true" arrive as text.
# 2.12.0 takes no notice of the schema: whatever reads as JSON is JSON, so 7 arrives as a number at a field
# that is declared as text.
#
# Why it matters here: a strict server refuses valid calls of the one at its nullable fields, and of the other
# at every text that looks like a number, such as a pid or a port. Give each field one `type`, and take a
# number where a name is expected.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for version in 0.15.0 2.12.0; do
    npm install --silent --no-audit --no-fund --prefix "$work/$version" \
        "@modelcontextprotocol/inspector@$version" > /dev/null 2>&1
done
npm install --silent --no-audit --no-fund --prefix "$work" @modelcontextprotocol/sdk@1.32.2 > /dev/null 2>&1
cat > "$work/server.mjs" <<'JS'
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const properties = {
  integer: { type: "integer" },
  nullable: { type: ["integer", "null"] },
  union: { anyOf: [{ type: "integer" }, { type: "null" }] },
  flag: { type: ["boolean", "null"] },
  text: { type: "string" },
};
const server = new Server({ name: "echo", version: "1" }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [{ name: "echo", description: "Tells what it is given", inputSchema: { type: "object", properties } }],
}));
server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
  content: [{ type: "text", text: JSON.stringify(params.arguments) }],
}));
await server.connect(new StdioServerTransport());
JS
seen=
for version in 0.15.0 2.12.0; do
    said=$("$work/$version/node_modules/.bin/mcp-inspector" --cli node "$work/server.mjs" \
        --method tools/call --tool-name echo --tool-arg integer=3 --tool-arg nullable=3 --tool-arg union=3 \
        --tool-arg flag=true --tool-arg text=7 < /dev/null)
    seen+="$version: $(node -p 'JSON.parse(require("fs").readFileSync(0)).content[0].text' <<< "$said")"$'\n'
done
echo "Inspector seen:"; echo "$seen"
expected='0.15.0: {"integer":3,"nullable":"3","union":"3","flag":"true","text":"7"}
2.12.0: {"integer":3,"nullable":3,"union":3,"flag":true,"text":7}
'
[ "$seen" = "$expected" ] || { printf 'CHANGED. It was:\n%s\n' "$expected" >&2; exit 1; }
