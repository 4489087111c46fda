//! The programs that are known by name, as words in a text. Pure.

/// Whether `word` is one of the words of a list.
pub fn is_in(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|it| it == word)
}

/// Programs that run others, and say little of them.
pub const WRAPPERS: &str = "\
    sh bash dash zsh fish ksh npm npx pnpm yarn bunx uv uvx poetry pipenv pdm hatch make \
    just task env timeout nohup setsid concurrently npm-run-all run-p nodemon cargo-watch \
    cargo watchexec entr air foreman overmind honcho turbo nx lerna corepack dotenv direnv \
    bundle mise asdf nice mvn gradle workerd stdbuf script unshare strace sudo doas";

/// Servers and the tools of frameworks, by the name of their program.
pub const TOOLS: &str = "\
    uvicorn gunicorn hypercorn daphne granian waitress-serve flask fastapi manage.py \
    streamlit jupyter-lab jupyter-notebook jupyter mkdocs http.server vite next next-server \
    nuxt nuxi astro parcel webpack webpack-dev-server serve http-server live-server ng \
    storybook gatsby remix remix-serve react-scripts vue-cli-service expo wrangler rails \
    puma rackup unicorn artisan php caddy nginx httpd apache2 lighttpd hugo jekyll zola \
    redis-server postgres mysqld mariadbd mongod memcached rabbitmq-server browser-sync \
    json-server docusaurus eleventy metro trunk gradio celery sanic litestar adev aiohttp.web \
    bottle tornado bokeh panel marimo tensorboard mlflow chainlit mix nest wrangler \
    fastify uwsgi";

/// Those of them that speak something else than HTTP.
pub const NOT_HTTP: &str = "\
    redis-server postgres mysqld mariadbd mongod memcached rabbitmq-server valkey-server \
    sshd ssh epmd socat nc ncat";

/// What tools are told to do.
pub const SUBCOMMANDS: &str = "\
    dev serve server start run runserver preview develop watch lab notebook edit phx.server";

/// Servers that reload only if an option says so; their workers have the arguments of the master.
pub const WITH_WORKERS: &str = "\
    uvicorn gunicorn hypercorn granian daphne waitress-serve sanic litestar puma unicorn";

/// Servers that serve files as they are, or keep data: nothing in them becomes stale.
pub const WITHOUT_SOURCES: &str = "\
    http.server serve http-server nginx httpd apache2 lighttpd caddy php redis-server \
    postgres mysqld mariadbd mongod memcached rabbitmq-server jupyter-lab jupyter-notebook \
    jupyter json-server marimo busybox socat";

/// Servers for development, which watch their sources.
pub const RELOADING: &str = "\
    vite nuxi astro parcel webpack webpack-dev-server live-server ng storybook gatsby \
    react-scripts vue-cli-service expo wrangler streamlit mkdocs hugo jekyll zola \
    browser-sync docusaurus eleventy metro trunk next-server rails artisan manage.py";

/// Programs that start another one again when a file changes.
pub const WATCHERS: &str = "\
    nodemon cargo-watch watchexec entr air ts-node-dev reflex watchmedo";
