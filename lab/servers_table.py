"""The servers that lab/servers plays: what they need, and what is expected of each."""

# The versions that were tried last.
PIP = ["uvicorn==0.54.0", "gunicorn==27.0.1", "flask==3.1.3", "fastapi[standard]==0.165.0",
       "hypercorn==0.18.0", "watchfiles", "django==5.2.19", "streamlit==1.67.0",
       "jupyterlab==4.6.6", "watchdog==7.1.0", "daphne==4.2.3", "granian==2.8.9", "waitress==3.0.2",
       "sanic==25.12.1", "litestar==2.25.0", "aiohttp-devtools==1.1.2", "tornado==6.6.1",
       "bottle==0.13.4", "marimo==0.25.2", "bokeh==3.9.2", "mkdocs==1.6.1"]
APT = ["nginx-light", "php-cli", "caddy", "redis-server", "puma", "postgresql", "mariadb-server-core",
       "memcached", "apache2-bin", "lighttpd", "ruby-webrick", "ruby-sinatra", "ruby-rack", "jekyll", "hugo",
       "golang-go", "openjdk-17-jdk-headless", "elixir", "busybox", "socat"]
NPM = ["vite@8.4.0", "nodemon@3.1.14", "http-server@14.1.1", "serve@14.2.7", "webpack@5.113.0",
       "webpack-cli@6.0.1", "webpack-dev-server@5.2.7", "next@16.4.6", "react@19.3.1", "react-dom@19.3.1",
       "vite4@npm:vite@4.5.14", "astro@5.18.2", "parcel@2.16.4",
       "tsx@4.23.15", "bun@1.4.5", "deno@2.9.6", "live-server@1.2.2", "json-server@0.17.4",
       "browser-sync@3.0.4", "@11ty/eleventy@3.1.8", "ts-node-dev@2.0.0", "wrangler@4.86.0",
       "express@5.3.0", "fastify-cli@8.0.2", "typescript@5.9.3"]
CARGO_WATCH = ["cargo-watch", "--version", "8.5.3"]
# These need Node 22, which is a package, too.
NPM_22 = ["node@22.23.3", "astro@6.0.5", "nuxt@4.4.5"]

ASGI = "async def app(scope, receive, send):\n    assert scope['type'] == 'http'\n"
WSGI = "def app(environ, start):\n    start('200 OK', [])\n    return [b'']\n"
FLASK = "from flask import Flask\napp = Flask(__name__)\n"
FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
NODE = "require('http').createServer((q, a) => a.end('x')).listen(PORT)\n"
PAIR = ("import os, socket, time\nos.fork()\ns = socket.socket()\n"
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\ns.bind(('127.0.0.1', PORT))\n"
        "s.listen(8)\ntime.sleep(1000)\n")
NGINX = ("user root; events {} http { server { listen PORT; } access_log off; client_body_temp_path b; "
         "proxy_temp_path r; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s; }\n")

DJANGO = ("import sys\nfrom django.conf import settings\nfrom django.core.management import execute_from_command_line\n"
          "settings.configure(DEBUG=True, ROOT_URLCONF='urls', ALLOWED_HOSTS=['*'], SECRET_KEY='x')\n"
          "execute_from_command_line(sys.argv)\n")
CLUSTER = ("const c = require('cluster')\nif (c.isPrimary) { c.fork(); c.fork() }\n"
           "else require('http').createServer((q, a) => a.end('x')).listen(PORT)\n")
# Two ports: the one of the program, and 24678 for hot reloading, which is auxiliary.
MIDDLEWARE = ("import { createServer } from 'vite'\nimport http from 'http'\n"
              "const v = await createServer({ server: { middlewareMode: true }, appType: 'spa' })\n"
              "http.createServer(v.middlewares).listen(PORT)\n")
LINK = "ln -s $MODULES node_modules; "
LINK_22 = "ln -s $MODULES_22 node_modules; PATH=$MODULES_22/.bin:$PATH; "
RACK = "run ->(env) { [200, {}, ['x']] }\n"

EXPRESS = "require('express')().listen(PORT)\n"
NODE_TS = "import http from 'http'\nhttp.createServer((q: any, a: any) => a.end('x')).listen(PORT)\n"
BUN = "Bun.serve({ port: PORT, fetch: () => new Response('x') })\n"
DENO = "Deno.serve({ port: PORT }, () => new Response('x'))\n"
WORKER = "export default { fetch: () => new Response('x') }\n"
WRANGLER = "name = 'w'\nmain = 'w.js'\ncompatibility_date = '2025-01-01'\n[dev]\nport = PORT\n"
SANIC = ("from sanic import Sanic, text\napp = Sanic('x')\n@app.get('/')\nasync def index(request):\n    return text('x')\n")
LITESTAR = "from litestar import Litestar\napp = Litestar([])\n"
AIOHTTP = "from aiohttp import web\napp = lambda argv=None: web.Application()\n"
FLASK_DEBUG = FLASK + "app.run(port=PORT, debug=True)\n"
UVICORN = ASGI + "if __name__ == '__main__':\n    import uvicorn\n    uvicorn.run('app:app', port=PORT, reload=True)\n"
TORNADO = "import tornado\ntornado.web.Application([]).listen(PORT)\ntornado.ioloop.IOLoop.current().start()\n"
BOTTLE = "import bottle\napp = bottle.default_app()\n"
RUST = ("fn main() {\n    let server = std::net::TcpListener::bind((\"127.0.0.1\", PORT)).unwrap();\n"
        "    for _ in server.incoming() {}\n}\n")
CARGO = "[package]\nname = 'api'\nversion = '0.1.0'\nedition = '2021'\n"
GO = "package main\nimport \"net/http\"\nfunc main() { http.ListenAndServe(\":PORT\", nil) }\n"
JAVA = ("class Main { public static void main(String[] args) throws Exception { "
        "while (true) new java.net.ServerSocket(PORT).accept(); } }\n")
ELIXIR = ("{:ok, s} = :gen_tcp.listen(PORT, [:binary, ip: {127, 0, 0, 1}])\n{:ok, _} = :gen_tcp.accept(s)\n")
SINATRA = "require 'sinatra'\nset :port, PORT\nset :environment, :production\nget('/') { 'x' }\n"
PERL = "use IO::Socket;\nmy $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => PORT, Listen => 5) or die;\n1 while $s->accept;\n"
POSTGRES = ("P=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1); $P/initdb -A trust -D d >/dev/null && "
            "exec $P/postgres -D d -p PORT -k $PWD/d")
# Without the tables of grants, which only the package's scripts make.
MARIADB = ("mkdir d && exec mariadbd --no-defaults --skip-grant-tables --datadir=$PWD/d --socket=$PWD/d/s "
           "--port=PORT --bind-address=127.0.0.1")
APACHE = ("LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so\n"
          "LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so\n"
          "ServerName x\nListen 127.0.0.1:PORT\nPidFile pid\nErrorLog err\n")

# label, files, the source that changes, command, name, processes that hold a socket, after a change
SERVERS = [
    ("http.server", {"a.py": ""}, "a.py", "python3 -m http.server PORT", "http.server", 1, "active"),
    ("uvicorn", {"app.py": ASGI}, "app.py", "uvicorn app:app --port PORT", "uvicorn app:app", 1, "stale"),
    ("uvicorn --reload", {"app.py": ASGI}, "app.py", "uvicorn app:app --port PORT --reload", "uvicorn app:app", 2, "active"),
    ("uvicorn --workers 2", {"app.py": ASGI}, "app.py", "uvicorn app:app --port PORT --workers 2", "uvicorn app:app", 3, "stale"),
    ("fastapi dev", {"main.py": FASTAPI}, "main.py", "fastapi dev main.py --port PORT", "fastapi dev main.py", 2, "active"),
    ("gunicorn -w 2", {"app.py": WSGI}, "app.py", "gunicorn -w 2 -b 127.0.0.1:PORT app:app", "gunicorn app:app", 3, "stale"),
    ("gunicorn --reuse-port", {"app.py": WSGI}, "app.py", "gunicorn -w 2 --reuse-port -b 127.0.0.1:PORT app:app", "gunicorn app:app", None, "stale"),
    ("flask run", {"app.py": FLASK}, "app.py", "flask run --port PORT", "flask run", 1, "stale"),
    ("flask run --debug", {"app.py": FLASK}, "app.py", "flask run --port PORT --debug", "flask run", 2, "active"),
    ("hypercorn --reload", {"app.py": ASGI}, "app.py", "hypercorn app:app --reload -b 127.0.0.1:PORT", "hypercorn app:app", 2, "active"),
    ("SO_REUSEPORT pair", {"pair.py": PAIR}, "pair.py", "python3 pair.py", "python pair.py", 2, "active"),
    ("node", {"s.js": NODE}, "s.js", "node s.js", "node s.js", 1, "stale"),
    ("node --watch", {"s.js": NODE}, "s.js", "node --watch s.js", "node s.js", 1, "active"),
    ("nodemon", {"s.js": NODE}, "s.js", "nodemon -q s.js", "node s.js", 1, "active"),
    ("vite", {"index.html": "x", "a.js": ""}, "a.js", "vite --port PORT", "vite", 1, "active"),
    # Two versions of a package need two folders, and the name is that of the folder.
    ("vite 4", {"index.html": "x", "a.js": ""}, "a.js", "node $MODULES/vite4/bin/vite.js --port PORT", "vite4", 1, "active"),
    ("vite in a program", {"index.html": "x", "s.mjs": MIDDLEWARE}, "s.mjs", LINK + "node s.mjs", "node s.mjs", 1, "active"),
    ("node --inspect", {"s.js": NODE}, "s.js", "node --inspect s.js", "node s.js", 1, "stale"),
    ("astro dev", {"src/pages/index.astro": "x\n", "package.json": "{}"}, "src/pages/index.astro", LINK + "astro dev --port PORT", "astro dev", 1, "active"),
    ("parcel", {"index.html": "x", "package.json": "{}"}, "index.html", LINK + "parcel index.html --port PORT", "parcel", 1, "active"),
    ("jupyter-lab", {"a.py": ""}, "a.py", "jupyter-lab --no-browser --allow-root --port PORT", "jupyter-lab", 1, "active"),
    ("http-server", {"a.js": ""}, "a.js", "http-server -s -p PORT", "http-server", 1, "active"),
    ("serve", {"a.js": ""}, "a.js", "serve -L -l PORT", "serve", 1, "active"),
    ("manage.py runserver", {"manage.py": DJANGO, "urls.py": "urlpatterns = []\n"}, "urls.py", "python3 manage.py runserver PORT", "manage.py runserver", 1, "active"),
    ("manage.py --noreload", {"manage.py": DJANGO, "urls.py": "urlpatterns = []\n"}, "urls.py", "python3 manage.py runserver PORT --noreload", "manage.py runserver", 1, "stale"),
    ("streamlit run", {"a.py": "import streamlit\n"}, "a.py", "streamlit run a.py --server.port PORT --server.headless true", "streamlit run a.py", 1, "active"),
    ("node cluster", {"c.js": CLUSTER}, "c.js", "node c.js", "node c.js", 1, "stale"),
    ("webpack serve", {"src/index.js": ""}, "src/index.js", "webpack serve --mode development --port PORT", "webpack", 1, "active"),
    ("next dev", {"pages/index.js": "export default () => null\n", "package.json": "{}"}, "pages/index.js", LINK + "next dev -p PORT", "next dev", 1, "active"),
    ("php -S", {"a.php": ""}, "a.php", "php -S 127.0.0.1:PORT", "php -S", 1, "active"),
    ("caddy", {"a.txt": ""}, "a.txt", "caddy file-server --listen :PORT", "caddy", 1, "active"),
    ("redis-server", {"a": ""}, "a", "redis-server --port PORT", "redis-server", 1, "active"),
    ("puma -w 2", {"config.ru": RACK}, "config.ru", "puma -w 2 -p PORT", "puma", 3, "stale"),
    ("nginx", {"n.conf": NGINX}, "n.conf", "nginx -p . -e err -c n.conf -g \"daemon off; pid p;\"", "nginx", None, "active"),
    # What is started through npm, as agents do.
    ("npm run dev", {"index.html": "x", "a.js": "", "package.json": '{"scripts": {"dev": "vite --port PORT"}}'}, "a.js", LINK + "npm run dev", "vite", 1, "active"),
    ("npx vite", {"index.html": "x", "a.js": "", "package.json": "{}"}, "a.js", LINK + "npx vite --port PORT", "vite", 1, "active"),
    ("astro dev 6", {"src/pages/index.astro": "x\n", "package.json": "{}"}, "src/pages/index.astro", LINK_22 + "astro dev --port PORT", "astro dev", 1, "active"),
    ("nuxt dev", {"app.vue": "<template>x</template>\n", "package.json": "{}", "nuxt.config.ts": "export default {}\n"}, "app.vue", LINK_22 + "NUXT_TELEMETRY_DISABLED=1 nuxt dev --port PORT", "nuxt dev", None, "active"),
    ("wrangler dev", {"w.js": WORKER, "wrangler.toml": WRANGLER}, "w.js", "CI=1 wrangler dev --port PORT", "wrangler dev", None, "active"),
    ("express", {"s.js": EXPRESS}, "s.js", LINK + "node s.js", "node s.js", 1, "stale"),
    ("fastify start", {"s.js": "module.exports = async (app, options) => {}\n"}, "s.js", LINK + "fastify start -p PORT s.js", "fastify start", 1, "stale"),
    ("tsx", {"s.ts": NODE_TS}, "s.ts", "tsx s.ts", "tsx s.ts", 1, "stale"),
    ("tsx watch", {"s.ts": NODE_TS}, "s.ts", "tsx watch s.ts", "tsx s.ts", 1, "active"),
    ("ts-node-dev", {"s.js": NODE}, "s.js", "ts-node-dev --transpile-only s.js", "ts-node-dev s.js", 1, "active"),
    ("bun", {"s.ts": BUN}, "s.ts", "bun s.ts", "bun s.ts", 1, "stale"),
    ("bun --hot", {"s.ts": BUN}, "s.ts", "bun --hot s.ts", "bun s.ts", 1, "active"),
    ("bun run dev", {"s.ts": BUN, "package.json": '{"scripts": {"dev": "bun --watch s.ts"}}'}, "s.ts", "bun run dev", "bun s.ts", 1, "active"),
    ("deno run", {"s.ts": DENO}, "s.ts", "deno run -A s.ts", "deno s.ts", 1, "stale"),
    ("deno --watch", {"s.ts": DENO}, "s.ts", "deno run -A --watch s.ts", "deno s.ts", 1, "active"),
    ("deno serve", {"s.ts": "export default { fetch: () => new Response('x') }\n"}, "s.ts", "deno serve --port PORT s.ts", "deno s.ts", 1, "stale"),
    ("live-server", {"index.html": "x"}, "index.html", "live-server --port=PORT --no-browser", "live-server", 1, "active"),
    ("json-server", {"db.json": "{}"}, "db.json", "json-server --port PORT db.json", "json-server", 1, "active"),
    ("browser-sync", {"index.html": "x"}, "index.html", "browser-sync start --server --port PORT --no-open --no-ui", "browser-sync start", 1, "active"),
    ("eleventy --serve", {"index.md": "x"}, "index.md", "eleventy --serve --port=PORT", "eleventy", 1, "active"),
    ("daphne", {"app.py": ASGI}, "app.py", "daphne -p PORT app:app", "daphne app:app", 1, "stale"),
    ("granian", {"app.py": ASGI}, "app.py", "granian --interface asgi --port PORT app:app", "granian app:app", None, "stale"),
    ("waitress-serve", {"app.py": WSGI}, "app.py", "waitress-serve --listen 127.0.0.1:PORT app:app", "waitress-serve app:app", 1, "stale"),
    ("sanic", {"app.py": SANIC}, "app.py", "sanic app:app --port PORT", "sanic app:app", None, "stale"),
    ("sanic --dev", {"app.py": SANIC}, "app.py", "sanic app:app --port PORT --dev", "sanic app:app", None, "active"),
    ("litestar run", {"app.py": LITESTAR}, "app.py", "litestar run --port PORT", "litestar run", None, "stale"),
    ("adev runserver", {"app.py": AIOHTTP}, "app.py", "adev runserver -p PORT app.py", "adev runserver app.py", None, "active"),
    ("aiohttp.web", {"app.py": AIOHTTP}, "app.py", "python3 -m aiohttp.web -P PORT app:app", "aiohttp.web app:app", 1, "stale"),
    ("app.run(debug)", {"app.py": FLASK_DEBUG}, "app.py", "python3 app.py", "python app.py", 2, "active"),
    ("uvicorn.run(reload)", {"app.py": UVICORN}, "app.py", "python3 app.py", "python app.py", 2, "active"),
    ("tornado", {"app.py": TORNADO}, "app.py", "python3 app.py", "python app.py", 1, "stale"),
    ("bottle", {"app.py": BOTTLE}, "app.py", "python3 -m bottle -b 127.0.0.1:PORT app", "bottle", 1, "stale"),
    ("marimo edit", {"a.py": "import marimo\napp = marimo.App()\n"}, "a.py", "marimo edit a.py --headless --no-token --skip-update-check -p PORT", "marimo edit a.py", 1, "active"),
    ("bokeh serve", {"a.py": "from bokeh.io import curdoc\n"}, "a.py", "bokeh serve a.py --port PORT", "bokeh serve a.py", 1, "stale"),
    ("mkdocs serve", {"mkdocs.yml": "site_name: x\n", "docs/index.md": "x"}, "mkdocs.yml", "mkdocs serve -a 127.0.0.1:PORT", "mkdocs serve", 1, "active"),
    ("cargo run", {"src/main.rs": RUST, "Cargo.toml": CARGO}, "src/main.rs", "cargo run -q", "api", 1, "stale"),
    ("cargo watch", {"src/main.rs": RUST, "Cargo.toml": CARGO}, "src/main.rs", "cargo watch -q -x run", "api", 1, "active"),
    ("go run", {"main.go": GO, "go.mod": "module api\n"}, "main.go", "go run main.go", "go run main.go", 1, "stale"),
    ("go run .", {"main.go": GO, "go.mod": "module api\n"}, "main.go", "go run .", "api", 1, "stale"),
    ("java", {"Main.java": JAVA}, "Main.java", "java Main.java", "java Main.java", 1, "stale"),
    ("java -jar", {"Main.java": JAVA}, "Main.java", "javac Main.java && jar cfe api.jar Main *.class && java -Xmx64m -jar api.jar", "java api.jar", 1, "stale"),
    ("java -cp", {"p/Main.java": "package p; " + JAVA}, "p/Main.java", "javac p/Main.java && java -cp . p.Main", "java Main", 1, "stale"),
    ("elixir", {"s.exs": ELIXIR}, "s.exs", "elixir s.exs", "elixir s.exs", 1, "stale"),
    ("webrick", {"a.rb": ""}, "a.rb", "ruby -run -e httpd . -p PORT", "httpd", 1, "active"),
    ("sinatra", {"s.rb": SINATRA}, "s.rb", "ruby s.rb", "puma", 1, "stale"),
    ("rackup", {"config.ru": RACK}, "config.ru", "rackup -s webrick -p PORT", "rackup", 1, "stale"),
    ("jekyll serve", {"index.md": "x", "_config.yml": ""}, "index.md", "jekyll serve -P PORT", "jekyll serve", 1, "active"),
    ("hugo server", {"config.toml": "", "content/a.md": "x"}, "content/a.md", "hugo server -p PORT", "hugo server", 1, "active"),
    ("perl", {"s.pl": PERL}, "s.pl", "perl s.pl", "perl s.pl", 1, "stale"),
    ("postgres", {"a": ""}, "a", POSTGRES, "postgres", 1, "active"),
    ("mariadbd", {"a": ""}, "a", MARIADB, "mariadbd", 1, "active"),
    ("memcached", {"a": ""}, "a", "memcached -l 127.0.0.1 -p PORT", "memcached", 1, "active"),
    ("apache2", {"a.conf": APACHE}, "a.conf", "apache2 -d . -f a.conf -DFOREGROUND", "apache2", None, "active"),
    ("lighttpd", {"l.conf": 'server.document-root = "/tmp"\nserver.port = PORT\n'}, "l.conf", "lighttpd -D -f l.conf", "lighttpd", 1, "active"),
    ("busybox httpd", {"a.js": ""}, "a.js", "busybox httpd -f -p PORT", "busybox httpd", 1, "active"),
    ("socat", {"a": ""}, "a", "socat TCP-LISTEN:PORT,fork,reuseaddr EXEC:cat", "socat", 1, "active"),
]
