/*! Rejoinder chat, MIT licence; docs/widget.md says how to use it.
 * What a conversation says reaches the page as text nodes, never as markup. */
(() => {
  "use strict";
  if (customElements.get("rejoinder-chat")) return;

  // The server is where the script came from, unless `server` says otherwise.
  const HOME = new URL("..", document.currentScript?.src || location.href).href;
  const LONGEST_TEXT = 4000; // the engine reads no more of one message
  const LARGEST_FILE = 1000000; // bytes; the reader of order files takes no more
  const SILENCE = 45e3; // three missed keep-alives of 15 s: the connection is dead
  const PATIENCE = 20e3; // for one answer; the server itself waits at most 2 s for an action
  const SMALL = "(max-width: 520px), (max-height: 420px)"; // the panel covers the whole page

  // --- what the element itself says ----------------------------------------------------------------

  const WORDS = {
    en: {
      title: "Chat", launch: "Open chat", close: "Close chat", unread: "Unread messages: {n}",
      hello: "Hello! How can we help?", log: "Messages", write: "Write a message", send: "Send",
      attach: "Attach a file", choose: "Choose an answer", you: "You", assistant: "Assistant",
      operator: "Our team", sending: "Sending …", waiting: "Waiting for a connection",
      failed: "Not sent.", again: "Try again", remove: "Remove", newer: "New messages",
      offline: "You are offline. What you write now is sent when you are back.",
      trouble: "The chat cannot be reached right now. Nothing is lost.",
      lost: "Your earlier conversation could not be opened. This is a new one.",
      ended: "This conversation has ended. Write to begin a new one.",
      large: "This file is too large: 1 MB is the most.",
      name: "Item", quantity: "Quantity", total: "Total",
    },
    es: {
      title: "Chat", launch: "Abrir el chat", close: "Cerrar el chat", unread: "Mensajes sin leer: {n}",
      hello: "¡Hola! ¿En qué podemos ayudarte?", log: "Mensajes", write: "Escribe un mensaje", send: "Enviar",
      attach: "Adjuntar un archivo", choose: "Elige una respuesta", you: "Tú", assistant: "Asistente",
      operator: "Nuestro equipo", sending: "Enviando …", waiting: "Esperando conexión",
      failed: "No se envió.", again: "Reintentar", remove: "Quitar", newer: "Mensajes nuevos",
      offline: "Estás sin conexión. Lo que escribas ahora se enviará cuando vuelvas.",
      trouble: "Ahora no se puede conectar con el chat. No se pierde nada.",
      lost: "No se pudo abrir tu conversación anterior. Esta es nueva.",
      ended: "Esta conversación terminó. Escribe para empezar otra.",
      large: "El archivo es demasiado grande: 1 MB como máximo.",
      name: "Artículo", quantity: "Cantidad", total: "Total",
    },
    id: {
      title: "Obrolan", launch: "Buka obrolan", close: "Tutup obrolan", unread: "Pesan belum dibaca: {n}",
      hello: "Halo! Ada yang bisa kami bantu?", log: "Pesan", write: "Tulis pesan", send: "Kirim",
      attach: "Lampirkan berkas", choose: "Pilih jawaban", you: "Anda", assistant: "Asisten",
      operator: "Tim kami", sending: "Mengirim …", waiting: "Menunggu koneksi",
      failed: "Tidak terkirim.", again: "Coba lagi", remove: "Hapus", newer: "Pesan baru",
      offline: "Anda sedang luring. Yang Anda tulis akan dikirim saat tersambung lagi.",
      trouble: "Obrolan sedang tidak dapat dihubungi. Tidak ada yang hilang.",
      lost: "Percakapan Anda sebelumnya tidak dapat dibuka. Ini percakapan baru.",
      ended: "Percakapan ini sudah selesai. Tulis pesan untuk memulai yang baru.",
      large: "Berkas ini terlalu besar: paling besar 1 MB.",
      name: "Barang", quantity: "Jumlah", total: "Total",
    },
    // In Latin letters, as the bots write it.
    hi: {
      title: "Chat", launch: "Chat kholiye", close: "Chat band kijiye", unread: "Naye sandesh: {n}",
      hello: "Namaste! Hum aapki kya madad karein?", log: "Sandesh", write: "Sandesh likhiye", send: "Bhejiye",
      attach: "File jodiye", choose: "Jawab chuniye", you: "Aap", assistant: "Sahayak",
      operator: "Hamari team", sending: "Bhej rahe hain …", waiting: "Connection ka intezaar",
      failed: "Nahi gaya.", again: "Phir koshish kijiye", remove: "Hataiye", newer: "Naye sandesh",
      offline: "Aap offline hain. Jo aap likhenge woh connection aane par jayega.",
      trouble: "Abhi chat se connection nahi hai. Kuch khoya nahi hai.",
      lost: "Aapki pehli baatcheet nahi khul saki. Yeh nayi hai.",
      ended: "Yeh baatcheet khatam ho gayi. Nayi shuru karne ke liye likhiye.",
      large: "File bahut badi hai: 1 MB tak chalegi.",
      name: "Saamaan", quantity: "Kitne", total: "Kul",
    },
  };

  // --- how it looks --------------------------------------------------------------------------------

  const LOOK = new CSSStyleSheet();
  LOOK.replaceSync(`
    :host {
      all: initial;
      color-scheme: light dark;
      --accent: var(--rejoinder-accent, light-dark(#0b6670, #1c7a83));
      --on-accent: var(--rejoinder-on-accent, #fff);
      --surface: var(--rejoinder-surface, light-dark(#fff, #171b1f));
      --text: var(--rejoinder-text, light-dark(#1b2328, #eceff1));
      --font: var(--rejoinder-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
      --soft: color-mix(in srgb, var(--text) 7%, var(--surface));
      --rim: color-mix(in srgb, var(--text) 16%, var(--surface));
      --edge: color-mix(in srgb, var(--text) 55%, var(--surface));
      --muted: color-mix(in srgb, var(--text) 76%, var(--surface));
    }
    :host([theme="light"]) { color-scheme: light }
    :host([theme="dark"]) { color-scheme: dark }
    :host([hidden]), [hidden] { display: none !important }
    * { box-sizing: border-box; font: inherit; color: inherit; margin: 0 }
    button { border: 0; padding: 0; background: none; cursor: pointer; min-width: 44px; min-height: 44px }
    button:disabled { cursor: default }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
    svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 2;
      stroke-linecap: round; stroke-linejoin: round; display: block; margin: auto }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }

    .launcher, .panel { position: fixed; z-index: 2147483000; inset-block-end: 20px; inset-inline-end: 20px;
      font: 400 16px/1.45 var(--font); color: var(--text) }
    .launcher { width: 60px; height: 60px; border-radius: 30px; background: var(--accent); color: var(--on-accent);
      box-shadow: 0 4px 16px #0004 }
    .launcher svg { width: 28px; height: 28px }
    .badge { position: absolute; inset-block-start: -4px; inset-inline-end: 0; min-width: 24px; padding: 0 6px;
      border-radius: 12px; background: #b3261e; color: #fff; font: 600 14px/24px var(--font); text-align: center }

    .panel { display: flex; flex-direction: column; width: 390px; height: min(640px, 100dvh - 40px);
      max-width: calc(100vw - 40px); background: var(--surface); border-radius: 18px; overflow: hidden;
      border: 1px solid var(--rim); box-shadow: 0 12px 40px #0000003d }
    .panel:not([hidden]) { animation: rise .18s ease-out }
    @keyframes rise { from { opacity: 0; transform: translateY(12px) } }
    header { display: flex; align-items: center; gap: 8px; padding-block: 8px; padding-inline: 18px 8px;
      background: var(--accent); color: var(--on-accent) }
    header :focus-visible { outline-color: var(--on-accent); outline-offset: -4px }
    h2 { flex: 1; font-size: 17px; font-weight: 650; overflow-wrap: anywhere }
    .log { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: 16px }
    .log:focus-visible { outline-offset: -3px }
    .hello { color: var(--muted); text-align: center; padding: 24px 12px; font-size: 17px }

    .line { display: flex; flex-direction: column; align-items: flex-start; margin-block-start: 4px }
    .who { font-size: 13px; color: var(--muted); margin-block: 12px 3px; padding-inline: 4px }
    .user + .user .who, .bot + .bot .who, .assistant + .assistant .who, .operator + .operator .who { display: none }
    .text { max-width: 86%; padding: 9px 14px; border-radius: 16px; background: var(--soft); overflow-wrap: anywhere }
    .words { white-space: pre-wrap; unicode-bidi: plaintext; text-align: start }
    .text > * + * { margin-block-start: 6px }
    strong { font-weight: 650 }
    .user { align-items: flex-end }
    .user .text { background: var(--accent); color: var(--on-accent); border-end-end-radius: 5px }
    .bot .text, .assistant .text, .operator .text { border-end-start-radius: 5px }
    .operator .text { background: var(--surface); border: 2px solid var(--accent) }
    .operator .who { font-weight: 650 }
    .assistant .text { background: var(--surface); border: 1px dashed var(--edge) }
    .system { align-items: center; margin-block: 12px }
    .system .text { background: none; color: var(--muted); font-size: 14px; text-align: center; padding: 0 }
    .system .who { display: none }
    .unsent { margin-block-start: 12px }
    .unsent .text { background: var(--surface); color: var(--text); border: 1px dashed var(--edge) }
    .sent-state { font-size: 13px; color: var(--muted); padding: 2px 4px; text-align: end }
    .sent-state button, .notice button { text-decoration: underline; font-weight: 600; padding-inline: 8px; color: var(--text) }

    .text:has(table) { width: 86% }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
    th, td { padding: 6px 0; text-align: end; vertical-align: top; border-block-end: 1px solid var(--rim) }
    th:first-child { text-align: start; padding-inline-end: 12px }
    td, th + th { white-space: nowrap }
    thead th, .how { color: var(--muted); font-size: 14px }
    tfoot * { font-weight: 650; border: 0 }

    .choices { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 10px }
    .choices button { padding: 8px 16px; border-radius: 22px; border: 1.5px solid var(--accent); font-weight: 550;
      background: var(--surface); color: var(--text); overflow-wrap: anywhere; text-align: start }
    .choices button:hover:enabled { background: var(--soft) }
    .typing { display: inline-flex; gap: 5px; padding: 14px; margin-block-start: 8px; border-radius: 16px;
      background: var(--soft) }
    .typing i { width: 7px; height: 7px; border-radius: 4px; background: var(--muted); animation: wait 1.2s infinite }
    .typing i:nth-child(2) { animation-delay: .2s }
    .typing i:nth-child(3) { animation-delay: .4s }
    @keyframes wait { 0%, 60%, 100% { opacity: .35 } 30% { opacity: 1 } }
    .newer { align-self: center; margin-block-start: -52px; margin-block-end: 8px; padding: 0 18px; border-radius: 22px;
      background: var(--text); color: var(--surface); font-size: 14px; font-weight: 600 }

    .notice { display: flex; align-items: center; gap: 4px; font-size: 14px; background: var(--soft);
      padding-block: 6px; padding-inline: 16px 8px; border-block-start: 1px solid var(--rim) }
    .notice span { flex: 1 }
    form { display: flex; align-items: flex-end; gap: 4px; padding: 8px; border-block-start: 1px solid var(--rim) }
    textarea { flex: 1; min-width: 0; min-height: 44px; max-height: 132px; padding: 10px 12px; resize: none;
      border: 1px solid var(--edge); border-radius: 14px; background: var(--surface); field-sizing: content }
    textarea::placeholder { color: var(--muted); opacity: 1 }
    textarea:focus-visible { outline-width: 2px; outline-offset: 0 }
    form button { border-radius: 14px }
    .send { background: var(--accent); color: var(--on-accent) }
    :host(:dir(rtl)) .send svg { transform: scaleX(-1) }

    @media ${SMALL} {
      .panel { inset: 0; width: 100%; max-width: none; height: 100dvh; border: 0; border-radius: 0 }
    }
    @media (prefers-reduced-motion: reduce) {
      * { animation: none !important }
    }
    @media (forced-colors: active) { .launcher, .text, .send { border: 1px solid } }`);

  const ICONS = {
    chat: "M21 12a8 8 0 0 1-8 8H4l1.6-3.4A8 8 0 1 1 21 12ZM8.5 12h.01M13 12h.01M17 12h.01",
    close: "M6 6l12 12M18 6 6 18",
    send: "M4 12h15M13 6l6 6-6 6",
    attach: "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4L14 8",
  };

  // --- small parts ---------------------------------------------------------------------------------

  /** An element; children that are strings become text nodes. */
  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  }

  function icon(name) {
    const space = "http://www.w3.org/2000/svg";
    const picture = document.createElementNS(space, "svg");
    picture.setAttribute("viewBox", "0 0 24 24");
    picture.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", ICONS[name]);
    picture.append(path);
    return picture;
  }

  /** A text with *words in bold* and web addresses as links, in text nodes. */
  function words(text) {
    const node = make("div", { class: "words", dir: "auto" });
    const marks = /(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])|https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]]/g;
    let from = 0;
    for (const mark of text.matchAll(marks)) {
      const link = { href: mark[0], target: "_blank", rel: "noopener noreferrer" };
      node.append(text.slice(from, mark.index));
      node.append(mark[1] ? make("strong", {}, mark[1]) : make("a", link, mark[0]));
      from = mark.index + mark[0].length;
    }
    node.append(text.slice(from));
    return node;
  }

  const randomId = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  /** A storage of the browser, or this page's memory where it keeps nothing for us. */
  class Shelf {
    #memory = new Map();
    constructor(storage, prefix) {
      this.storage = storage;
      this.prefix = prefix;
    }
    get(name) {
      let kept;
      try {
        kept = window[this.storage].getItem(this.prefix + name);
      } catch {}
      return kept ?? this.#memory.get(name) ?? "";
    }
    set(name, value) {
      this.#memory.delete(name);
      try {
        window[this.storage].setItem(this.prefix + name, value);
      } catch {
        this.#memory.set(name, value);
      }
    }
    drop(name) {
      this.#memory.delete(name);
      try {
        window[this.storage].removeItem(this.prefix + name);
      } catch {}
    }
    names(beginning) {
      const names = [...this.#memory.keys()];
      try {
        for (const name of Object.keys(window[this.storage])) {
          if (name.startsWith(this.prefix)) names.push(name.slice(this.prefix.length));
        }
      } catch {}
      return names.filter((name) => name.startsWith(beginning)).sort();
    }
  }

  /** Why a request came to nothing. `status` 0: nobody answered. */
  class Fault extends Error {
    constructor(status, message = "", wait = 0) {
      super(message);
      this.status = status;
      this.wait = wait;
    }
    /** It may be different later, so the same is sent again. */
    get passing() {
      return !this.status || this.status >= 500 || [408, 425, 429].includes(this.status);
    }
  }

  // --- the conversation ----------------------------------------------------------------------------

  /**
   * One visitor's conversation with one bot, the same in every tab.
   *
   * What is said waits on the shelf, with an id of its own, until the server has committed it: sent
   * again it changes nothing. One tab sends and one holds the stream (Web Locks); it tells the others.
   */
  class Talk {
    last = 0; // the greatest number of a line seen here
    conversation = ""; // which one its numbers count in
    #past = new Set(); // those before it, whose last words may come late
    #gone = new AbortController();
    #sleepers = new Set();
    #sending = false;
    #following = false;

    constructor(server, bot, lang, tell) {
      this.url = new URL("api/chat", server);
      this.bot = bot;
      this.lang = lang;
      this.tell = tell;
      // A cookie travels on its own origin only; elsewhere a token from the shelf does.
      this.home = this.url.origin === location.origin;
      this.name = `rejoinder ${this.url.href} ${bot} `;
      this.shelf = new Shelf("localStorage", this.name);
      this.tab = new Shelf("sessionStorage", this.name);
      this.channel = new BroadcastChannel(this.name);
      this.channel.onmessage = ({ data }) => this.#hear(data);
      addEventListener("storage", this);
    }

    get known() {
      return Boolean(this.shelf.get("known"));
    }

    close() {
      this.tell = () => {}; // what is still on its way is for nobody here
      this.#gone.abort();
      removeEventListener("storage", this);
      this.channel.close();
      this.wake();
    }

    /** Load what is new, at first everything, and keep listening. */
    async load() {
      const ask = () => this.#ask("", { query: { after: this.last, ...this.#where() } });
      try {
        const response = await ask().catch((fault) => {
          if (fault.status !== 401) throw fault;
          this.#lose();
          return ask();
        });
        this.#take(await response.json());
      } finally {
        if (this.known) this.#follow(); // which tries again by itself
        this.flush();
      }
    }

    /** Say `{text}`, `{choice, of, label}` or `{file}`, now or as soon as possible. */
    send(said) {
      const newest = this.shelf.names("q ").at(-1)?.split(" ")[1] ?? 0;
      const stamp = Math.max(Date.now(), Number(newest) + 1); // in order, whatever the clock does
      const id = randomId();
      this.shelf.set(`q ${stamp} ${id}`, JSON.stringify({ ...said, id, since: this.last }));
      this.tell("queue");
      this.wake();
      this.flush();
    }

    waiting() {
      const kept = this.shelf.names("q ").map((name) => ({ name, ...JSON.parse(this.shelf.get(name) || "{}") }));
      return kept.filter((said) => said.id);
    }

    /** Send a refused message once more, or let it go. */
    retry({ name, fault, ...said }) {
      this.shelf.set(name, JSON.stringify(said));
      this.tell("queue");
      this.flush();
    }
    discard(said) {
      this.shelf.drop(said.name);
      this.tell("queue");
    }

    wake() {
      for (const end of this.#sleepers) end();
    }
    nudge() {
      this.#post({ wake: true });
      this.wake();
    }

    /** Send what waits, in order, one at a time. */
    async flush() {
      if (this.#sending || !this.#next()) return;
      this.#sending = true;
      await this.#alone("send", async () => {
        let tries = 0;
        let stranger = false;
        // Somebody's first message in another tab may have brought a token a moment ago.
        if (!this.home && !this.shelf.get("token")) await this.#sleep(50);
        for (let said; !this.#gone.signal.aborted && (said = this.#next()); ) {
          const { name, label, since, ...body } = said;
          try {
            const response = await this.#ask("", { body });
            const answer = await response.json();
            this.shelf.drop(name);
            this.#take(answer);
            this.#post({ answer });
            this.tell("queue");
            this.tell("well");
            tries = 0;
            this.#follow();
          } catch (fault) {
            if (this.#gone.signal.aborted) return;
            if (fault.status === 401 && !stranger) {
              stranger = true;
              this.#lose();
            } else if (fault.passing !== false) {
              this.tell("trouble", fault);
              await this.#sleep(fault.wait || pause(tries++));
            } else {
              this.shelf.set(name, JSON.stringify({ ...said, fault: fault.message }));
              this.tell("queue");
            }
          }
        }
      });
      this.#sending = false;
      if (!this.#gone.signal.aborted) this.flush();
    }

    #where() {
      return this.conversation && { conversation: this.conversation };
    }

    #next() {
      return this.waiting().find((said) => !("fault" in said));
    }

    async #ask(path, { query = {}, body, headers = {}, signal } = {}) {
      const url = new URL(this.url.href + path);
      if (body) body.bot = this.bot;
      else url.search = new URLSearchParams({ bot: this.bot, ...query });
      if (body) headers["Content-Type"] = "application/json";
      headers["Accept-Language"] = this.lang();
      const token = this.home ? "" : this.shelf.get("token");
      if (token) headers.Authorization = `Bearer ${token}`;
      let response;
      try {
        response = await fetch(url, {
          method: body ? "POST" : "GET",
          body: body && JSON.stringify(body),
          headers,
          cache: "no-store",
          credentials: this.home ? "same-origin" : "omit",
          signal: signal ?? AbortSignal.timeout(PATIENCE),
        });
      } catch (error) {
        throw new Fault(0, error.message);
      }
      if (response.ok) return response;
      const said = await response.json().catch(() => ({}));
      const wait = Number(response.headers.get("Retry-After")) || 0;
      throw new Fault(response.status, said.detail, wait * 1000);
    }

    /** Read an answer: the lines, and where the conversation stands. */
    #take(answer) {
      if (answer.session) this.shelf.set("known", "1");
      if (answer.session && !this.home) this.shelf.set("token", answer.session);
      this.#within(answer.conversation);
      for (const line of answer.lines) this.#line(line);
      // Where it stood then is no news any more once the stream has brought later lines.
      if ((answer.lines.at(-1)?.seq ?? this.last) === this.last) this.tell("state", answer);
    }

    /** Numbers of lines count within a conversation; in another one they begin anew. */
    #within(conversation) {
      if (!conversation || conversation === this.conversation) return;
      if (this.conversation) this.#anew("another");
      this.conversation = conversation;
    }

    #anew(why) {
      this.#past.add(this.conversation);
      this.last = 0;
      this.conversation = "";
      this.tell(why);
    }

    #line(line) {
      this.last = Math.max(this.last, line.seq);
      this.tell("line", line);
    }

    /** The server does not know us (any more): begin as somebody new. */
    #lose() {
      this.shelf.drop("token");
      this.shelf.drop("known");
      this.#anew("lost");
      this.#post({ lost: true });
    }

    // -- Between tabs

    #post(message) {
      if (!this.#gone.signal.aborted) this.channel.postMessage(message);
    }

    /** Another tab changed what is on the shelf. */
    handleEvent({ key }) {
      if (!key?.startsWith(this.name)) return;
      this.tell("queue");
      this.tell("read");
      this.flush(); // the tab that typed it may be gone before it was sent
    }

    #hear({ answer, event, wake, lost }) {
      if (lost) this.#anew("lost");
      if (answer) {
        this.#take(answer);
        this.tell("well");
        this.#follow(); // as soon as the tab that listens now is gone
      }
      if (event) this.#event(...event);
      if (wake) this.wake();
    }

    /** Do this while no other tab does; without Web Locks ids keep a double harmless. */
    async #alone(what, work) {
      if (!navigator.locks) return work();
      try {
        return await navigator.locks.request(this.name + what, { signal: this.#gone.signal }, work);
      } catch (error) {
        if (error.name !== "AbortError") throw error;
      }
    }

    #sleep(milliseconds) {
      return new Promise((done) => {
        const end = () => {
          clearTimeout(timer);
          this.#sleepers.delete(end);
          done();
        };
        const timer = setTimeout(end, milliseconds);
        this.#sleepers.add(end);
      });
    }

    // -- The stream

    async #follow() {
      if (this.#following) return;
      this.#following = true;
      await this.#alone("stream", async () => {
        for (let tries = 0; !this.#gone.signal.aborted && this.known; ) {
          const cut = new AbortController();
          let silence;
          const heard = () => {
            clearTimeout(silence);
            silence = setTimeout(() => cut.abort(), SILENCE);
          };
          try {
            heard();
            const response = await this.#ask("/stream", {
              query: this.#where(),
              headers: { Accept: "text/event-stream", "Last-Event-ID": String(this.last) },
              signal: AbortSignal.any([cut.signal, this.#gone.signal]),
            });
            this.tell("well");
            this.nudge(); // whoever answers a stream takes messages too
            const since = Date.now();
            await this.#listen(response.body, heard).finally(() => {
              if (Date.now() - since > 5e3) tries = 0; // else every stream is cut
            });
          } catch (fault) {
            if (fault.status === 401) this.#lose();
            else if (fault.passing === false) break;
            else if (!this.#gone.signal.aborted && tries) this.tell("trouble", fault);
          } finally {
            clearTimeout(silence);
          }
          if (!this.#gone.signal.aborted) await this.#sleep(pause(tries++));
        }
      });
      this.#following = false;
    }

    async #listen(body, heard) {
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      let event = "";
      let data = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        heard();
        const rows = (rest + value).split("\n");
        rest = rows.pop();
        for (const row of rows.map((row) => row.replace(/\r$/, ""))) {
          const [, field, text] = row.match(/^(\w*): ?(.*)$/) ?? [];
          if (field === "event") event = text;
          else if (field === "data") data += text;
          else if (!row) {
            if (event && data) {
              const said = [event, JSON.parse(data)];
              this.#event(...said);
              this.#post({ event: said });
            }
            event = data = "";
          }
        }
      }
    }

    #event(name, data) {
      if (data.conversation && this.#past.has(data.conversation)) return;
      if (name !== "ended") this.#within(data.conversation);
      if (name === "line") this.#line(data);
      else this.tell(name, data);
    }
  }

  /** Milliseconds before the next try, not the same for everybody. */
  const pause = (tries) => Math.min(30e3, 500 * 2 ** tries) * (0.5 + Math.random() / 2);

  // --- the element ---------------------------------------------------------------------------------

  class RejoinderChat extends HTMLElement {
    static observedAttributes = ["bot", "server", "lang", "open", "heading", "strings"];

    #talk;
    #parts; // the element's own nodes by name, once built
    #say; // its words in one language
    #lines = new Map(); // by number: the line and its node
    #top = 0; // the greatest of these numbers
    #due = false; // what follows from new lines is drawn in a moment
    #over = false; // the next line begins a new conversation
    #state = {};
    #loading;
    #typing; // a timer, while somebody types
    #atEnd = true; // the newest line is in sight: what comes moves into it
    #sight = new ResizeObserver(() => this.#atEnd && this.#toEnd());
    #returnTo; // what had the focus before the panel took it

    connectedCallback() {
      if (!this.shadowRoot) {
        this.attachShadow({ mode: "open" }).adoptedStyleSheets = [LOOK];
      }
      this.#build();
      this.#begin();
      for (const [target, name] of OUTSIDE) target.addEventListener(name, this);
    }

    disconnectedCallback() {
      for (const [target, name] of OUTSIDE) target.removeEventListener(name, this);
      this.#talk?.close();
      this.#talk = undefined;
    }

    attributeChangedCallback(name, before, now) {
      if (!this.#talk || before === now) return;
      if (name === "open") this.#show(now !== null);
      else if (name === "bot" || name === "server") this.#begin();
      else this.#build();
    }

    open() {
      this.#returnTo = this.shadowRoot.activeElement ?? document.activeElement;
      this.setAttribute("open", "");
      this.#parts[matchMedia("(pointer: coarse)").matches ? "panel" : "input"].focus();
    }

    close() {
      const inside = this.matches(":focus-within");
      this.removeAttribute("open");
      const to = this.#returnTo;
      if (inside) (to?.isConnected && to !== document.body && to !== this ? to : this.#parts.launcher).focus();
    }

    send(text) {
      const said = String(text).trim();
      if (said) this.#talk.send({ text: said });
    }

    handleEvent(event) {
      const talk = this.#talk;
      if (event.type === "online" || event.type === "offline") {
        this.#notice(event.type === "offline" ? "offline" : "");
        this.#queue();
        talk.nudge();
      } else if (event.type === "visibilitychange") {
        if (document.visibilityState === "visible" && talk.known) this.#load();
        this.#read();
      } else if (event.type === "pagehide") {
        talk.close(); // else a page kept for "back" would keep the stream and the lock
      } else if (event.persisted) {
        this.#begin(); // shown again by "back"
      }
    }

    // -- What it is made of

    #lang() {
      return (this.getAttribute("lang") || document.documentElement.lang || "en").toLowerCase();
    }

    #build() {
      const lang = this.#lang();
      const own = parsed(this.getAttribute("strings"));
      const known = WORDS[lang.split("-")[0]] ? lang.split("-")[0] : "en";
      const say = (this.#say = { ...WORDS[known], ...own });
      const heading = this.getAttribute("heading") || say.title;
      const kept = this.#parts; // in another language the lines and what is being typed stay
      const part = (this.#parts = {});

      part.badge = make("span", { class: "badge", "aria-hidden": "true", hidden: true });
      part.launcher = make("button", { class: "launcher", type: "button", "aria-expanded": "false" });
      part.launcher.append(icon("chat"), part.badge);
      part.news = make("span", { class: "unseen", role: "status" });
      part.close = make("button", { class: "close", type: "button", "aria-label": say.close }, icon("close"));
      part.talk = kept?.talk ?? make("div", {}, make("div"));
      part.queue = make("div");
      part.typing = make("div", { class: "typing", "aria-hidden": "true", hidden: true });
      part.typing.append(make("i"), make("i"), make("i"));
      part.hello = make("p", { class: "hello" }, this.getAttribute("greeting") || say.hello);
      // Silent at first: what was said earlier is no news.
      part.log = make("div", { class: "log", role: "log", "aria-live": "off", "aria-label": say.log, tabindex: "0" });
      part.log.append(part.hello, part.talk, part.queue, part.typing);
      part.newer = make("button", { class: "newer", type: "button", hidden: true }, say.newer);
      part.notice = make("div", { class: "notice", role: "status", hidden: true });
      part.file = make("input", { type: "file", accept: ".csv,.tsv,.txt,.xlsx", hidden: true, tabindex: "-1" });
      part.attach = make("button", { type: "button", "aria-label": say.attach, hidden: true }, icon("attach"));
      part.input = make("textarea", {
        rows: "1", maxlength: LONGEST_TEXT, enterkeyhint: "send", "aria-label": say.write, placeholder: say.write, dir: "auto",
      });
      part.input.value = kept?.input.value ?? "";
      const send = make("button", { class: "send", type: "submit", "aria-label": say.send }, icon("send"));
      const form = make("form", {}, part.file, part.attach, part.input, send);
      part.panel = make("section", { class: "panel", role: "dialog", "aria-label": heading, tabindex: "-1", hidden: true });
      part.panel.append(make("header", {}, make("h2", {}, heading), part.close));
      part.panel.append(part.log, part.newer, part.notice, form);
      if (!Object.keys(own).length) {
        // The words are in this language, whatever the page is in.
        for (const node of [part.launcher, part.panel]) node.lang = known === "hi" ? "hi-Latn" : known;
      }
      this.shadowRoot.replaceChildren(part.panel, part.launcher, part.news);

      part.launcher.onclick = () => this.open();
      part.close.onclick = () => this.close();
      part.newer.onclick = () => {
        part.log.focus();
        this.#toEnd();
      };
      part.log.onscroll = () => this.#scrolled();
      this.#sight.disconnect();
      for (const node of [part.log, part.talk, part.queue]) this.#sight.observe(node);
      part.panel.onkeydown = (event) => this.#key(event);
      part.attach.onclick = () => part.file.click();
      part.file.onchange = () => this.#attach(part.file.files[0]);
      form.onsubmit = (event) => {
        event.preventDefault();
        this.#submit();
      };
      if (kept) {
        for (const drawn of this.#lines.values()) {
          const old = drawn.node;
          old.replaceWith((drawn.node = this.#draw(drawn.line)));
        }
        this.#show(this.hasAttribute("open"));
        this.#notice(kept.notice.dataset.now ?? "");
        this.#redraw();
      }
    }

    /** Take up the conversation with this bot on this server. */
    #begin() {
      this.#talk?.close();
      this.#lines.clear();
      this.#top = 0;
      this.#over = false;
      this.#state = {};
      this.#loading = undefined;
      this.#parts.talk.replaceChildren(make("div"));
      this.#parts.log.setAttribute("aria-live", "off");
      const server = new URL(this.getAttribute("server") || HOME, location.href);
      if (!server.pathname.endsWith("/")) server.pathname += "/";
      this.#talk = new Talk(server, this.getAttribute("bot") ?? "", () => this.#lang(), (what, value) => this.#hear(what, value));
      // Open before a refresh, open after it; each tab for itself.
      if (this.#talk.tab.get("open")) this.setAttribute("open", "");
      this.#show(this.hasAttribute("open"));
      this.#redraw();
      if (!navigator.onLine) this.#notice("offline");
      // A page that nobody talked on asks the server for nothing.
      if (this.#talk.known || this.#talk.waiting().length) this.#load();
    }

    #show(open) {
      const { panel, launcher } = this.#parts;
      const before = !panel.hidden;
      panel.hidden = !open;
      launcher.hidden = open;
      launcher.setAttribute("aria-expanded", String(open));
      this.#talk.tab.set("open", open ? "1" : "");
      if (open) {
        if (!this.#loading) this.#load();
        this.#toEnd();
        this.#read();
      }
      if (open !== before) this.#tell(open ? "open" : "close");
    }

    async #load() {
      const talk = this.#talk;
      this.#loading = talk.load();
      try {
        await this.#loading;
        if (talk !== this.#talk) return;
        this.#notice("");
        // When what was drawn is no longer new to a screen reader.
        setTimeout(() => this.#parts.log.setAttribute("aria-live", "polite"), 200);
      } catch (fault) {
        if (talk !== this.#talk) return;
        this.#loading = undefined;
        this.#hear("trouble", fault);
      }
    }

    // -- What it hears

    #hear(what, value) {
      if (what === "line") this.#line(value);
      else if (what === "state") this.#stands(value);
      else if (what === "typing") this.#types(value.on !== false, 30e3);
      else if (what === "queue") this.#queue();
      else if (what === "read") this.#count();
      else if (what === "well") {
        this.#notice(navigator.onLine ? "" : "offline");
        if (!this.#loading) this.#load();
      } else if (what === "trouble") {
        this.#types(false);
        this.#notice(navigator.onLine ? "trouble" : "offline");
      } else {
        if (this.#say[what]) this.#note(this.#say[what]);
        this.#over = true;
        this.#soon();
      }
    }

    #line(line) {
      if (this.#over) this.#another();
      if (this.#lines.has(line.seq)) return;
      const node = this.#draw(line);
      const late = [...this.#lines.values()].findLast((other) => other.line.seq < line.seq);
      if (late) late.node.after(node);
      else this.#parts.talk.lastChild.prepend(node);
      this.#lines.set(line.seq, { line, node });
      if (line.seq < this.#top) this.#lines = new Map([...this.#lines].sort(([a], [b]) => a - b));
      this.#top = Math.max(this.#top, line.seq);
      if (line.who === "user") this.#atEnd = true;
      else this.#types(false);
      this.#parts.newer.hidden = this.#atEnd;
      this.#soon();
      this.#tell("line", line);
    }

    /** Once for all that came together. */
    #soon() {
      if (!this.#due) queueMicrotask(() => this.#redraw());
      this.#due = true;
    }

    #another() {
      this.#lines.clear();
      this.#top = 0;
      this.#over = false;
      this.#talk.shelf.set("read", "0");
      for (const old of this.#parts.talk.querySelectorAll(".choices")) old.remove();
      this.#parts.talk.append(make("div"));
    }

    #stands({ flow = null, state = null, mode = "agent", pending = false, files = false }) {
      const now = { flow, state, mode, pending };
      this.#parts.attach.hidden = !files;
      if (pending) this.#types(true, 30e3);
      if (JSON.stringify(now) === JSON.stringify(this.#state)) return;
      this.#state = now;
      this.#soon();
      this.#tell("state", now);
    }

    #tell(name, detail) {
      this.dispatchEvent(new CustomEvent(`rejoinder:${name}`, { detail, bubbles: true, composed: true }));
    }

    // -- What it shows

    #draw(line) {
      const say = this.#say;
      const speaker = line.who === "bot" ? this.getAttribute("heading") || say.title : say[line.who === "user" ? "you" : line.who];
      const at = new Date(line.at);
      const who = make("div", { class: "who" }, speaker ?? line.who);
      if (!isNaN(at)) {
        const clock = at.toLocaleTimeString(this.getAttribute("lang") || undefined, { hour: "numeric", minute: "2-digit" });
        who.append(" · ", make("time", { datetime: at.toISOString() }, clock));
      }
      const text = make("div", { class: "text" });
      const items = line.data?.items;
      if (line.who === "user") text.append(make("div", { class: "words", dir: "auto" }, line.text));
      else if (Array.isArray(items) && items.length) text.append(...this.#order(line));
      else text.append(words(line.text));
      const known = ["user", "bot", "assistant", "operator", "system"].includes(line.who) ? line.who : "system";
      return make("div", { class: `line ${known}` }, who, text);
    }

    /** An order as a table, in the place of the rows of the text that list it. */
    #order({ text, data }) {
      const say = this.#say;
      const priced = data.items.some((item) => item.total != null);
      const row = (kind, left, right) => make("tr", {}, make("th", { scope: kind }, ...left), make(kind === "col" ? "th" : "td", {}, right));
      const items = data.items.map(({ name, quantity, unit, price, total }) => {
        const many = [quantity, unit].filter((part) => part != null).join(" ");
        const how = make("div", { class: "how" }, price == null ? many : `${many} × ${price}`);
        return row("row", [String(name), priced ? how : ""], String((priced ? total : many) ?? ""));
      });
      const table = make("table", {}, make("thead", {}, row("col", [say.name], priced ? say.total : say.quantity)));
      table.append(make("tbody", {}, ...items));
      if (data.total != null) table.append(make("tfoot", {}, row("row", [say.total], String(data.total))));
      const said = text.split("\n");
      const listed = said.findIndex((part) => part.startsWith("- "));
      const rest = said.filter((part) => !part.startsWith("- "));
      const cut = listed < 0 ? rest.length : listed;
      const [above, below] = [rest.slice(0, cut).join("\n"), rest.slice(cut).join("\n")];
      return [above && words(above), table, below && words(below)].filter(Boolean);
    }

    #redraw() {
      this.#due = false;
      if (!this.#talk) return;
      const { hello, talk } = this.#parts;
      hello.hidden = talk.querySelector(".line") !== null || this.#talk.waiting().length > 0;
      this.#choices();
      this.#queue();
      this.#count();
      if (this.#atEnd) this.#toEnd();
    }

    #choices() {
      const lines = [...this.#lines.values()];
      let shown = lines.findLast(({ line }) => line.choices.length || line.who === "user");
      if (this.#over || this.#state.mode === "manual") shown = null; // nobody reads a tap now
      for (const old of this.#parts.talk.querySelectorAll(".choices")) {
        if (old.parentNode !== shown?.node) old.remove();
      }
      if (!shown?.line.choices.length || shown.node.querySelector(".choices")) return;
      const group = make("div", { class: "choices", role: "group", "aria-label": this.#say.choose });
      for (const { id, label } of shown.line.choices) {
        const button = make("button", { type: "button", dir: "auto" }, label);
        button.onclick = () => {
          this.#keepFocus(group);
          this.#talk.send({ choice: id, of: shown.line.seq, label });
        };
        group.append(button);
      }
      shown.node.append(group);
    }

    /** What is still to be sent, below everything. */
    #queue() {
      const { queue, notice, hello, talk } = this.#parts;
      const say = this.#say;
      // The stream may bring what was said before the answer to it has come.
      const heard = [...this.#lines.values()].map(({ line }) => line).filter(({ who }) => who === "user");
      const sent = ({ since, fault }, shown) =>
        fault === undefined && heard.some(({ seq, text }) => seq > since && (text === shown || text.endsWith(`(file ${shown})`)));
      const shown = (said) => (said.label ?? said.file?.name ?? said.text).slice(0, LONGEST_TEXT);
      const waiting = this.#talk.waiting().filter((said) => !sent(said, shown(said)));
      const calm = notice.hidden;
      const more = waiting.length > queue.children.length;
      for (const button of talk.querySelectorAll(".choices button")) button.disabled = waiting.some((said) => !("fault" in said));
      const now = JSON.stringify([calm, waiting.map(({ id, fault }) => [id, fault])]);
      if (queue.dataset.now === now) return;
      queue.dataset.now = now;
      this.#keepFocus(queue);
      queue.replaceChildren(
        ...waiting.map((said) => {
          const why = "fault" in said ? `${say.failed} ${said.fault}` : calm ? say.sending : say.waiting;
          const state = make("div", { class: "sent-state" }, why);
          if ("fault" in said) {
            const again = make("button", { type: "button" }, say.again);
            const remove = make("button", { type: "button" }, say.remove);
            again.onclick = () => this.#talk.retry(said);
            remove.onclick = () => this.#talk.discard(said);
            state.append(again, remove);
          }
          const text = make("div", { class: "text" }, make("div", { class: "words", dir: "auto" }, shown(said)));
          return make("div", { class: "line user unsent" }, text, state);
        }),
      );
      if (waiting.length) hello.hidden = true;
      if (more) this.#toEnd();
    }

    #count() {
      const read = Number(this.#talk.shelf.get("read"));
      const lines = [...this.#lines.values()].filter(({ line }) => line.who !== "user" && line.seq > read);
      const { badge, launcher, news } = this.#parts;
      const unread = this.#say.unread.replace("{n}", lines.length);
      if (this.hasAttribute("open")) lines.length = 0;
      badge.textContent = String(lines.length);
      badge.hidden = !lines.length;
      launcher.setAttribute("aria-label", lines.length ? `${this.#say.launch}. ${unread}` : this.#say.launch);
      news.textContent = lines.length ? unread : "";
      this.#read();
    }

    #read() {
      const last = [...this.#lines.keys()].at(-1) ?? 0;
      if (!this.hasAttribute("open") || document.visibilityState !== "visible") return;
      if (Number(this.#talk.shelf.get("read")) < last) this.#talk.shelf.set("read", String(last));
    }

    #types(on, milliseconds) {
      clearTimeout(this.#typing);
      this.#parts.typing.hidden = !on;
      if (on) {
        this.#typing = setTimeout(() => this.#types(false), milliseconds);
        if (this.#atEnd) this.#toEnd();
      }
    }

    /** A line about the connection, with a way to try again. */
    #notice(name) {
      const { notice } = this.#parts;
      if (notice.dataset.now === name) return;
      notice.dataset.now = name;
      notice.hidden = !name;
      this.#keepFocus(notice);
      notice.replaceChildren(make("span", {}, this.#say[name] ?? ""));
      if (name === "trouble") {
        const again = make("button", { type: "button" }, this.#say.again);
        again.onclick = () => {
          this.#keepFocus(notice);
          this.#talk.nudge();
          this.#load();
        };
        notice.append(again);
      }
      this.#queue();
    }

    /** What has the focus is about to go away. */
    #keepFocus(place) {
      if (place.contains(this.shadowRoot.activeElement)) this.#parts.input.focus({ preventScroll: true });
    }

    #note(text) {
      const list = this.#parts.talk.lastChild;
      if (list.lastChild?.textContent !== text) {
        list.append(make("div", { class: "line system" }, make("div", { class: "text" }, text)));
      }
    }

    #scrolled() {
      const { log, newer } = this.#parts;
      this.#atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
      if (this.#atEnd) newer.hidden = true;
    }

    #toEnd() {
      const { log, newer } = this.#parts;
      log.scrollTop = log.scrollHeight;
      newer.hidden = this.#atEnd = true;
    }

    // -- What it is told

    #submit() {
      const { input } = this.#parts;
      this.send(input.value);
      input.value = "";
      input.focus();
    }

    async #attach(file) {
      const { file: picker, input } = this.#parts;
      picker.value = "";
      input.focus();
      if (!file) return;
      if (file.size > LARGEST_FILE) {
        this.#note(this.#say.large);
        this.#toEnd();
        return;
      }
      let bytes = "";
      for (const byte of new Uint8Array(await file.arrayBuffer())) bytes += String.fromCharCode(byte);
      this.#talk.send({ file: { name: file.name, content: btoa(bytes) } });
    }

    #key(event) {
      if (event.key === "Escape") {
        event.stopPropagation();
        this.close();
      } else if (event.key === "Enter" && event.target === this.#parts.input && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#submit();
      } else if (event.key === "Tab" && matchMedia(SMALL).matches) {
        // The panel covers the page: the focus stays in it.
        const stops = [...this.#parts.panel.querySelectorAll("button, textarea, a, [tabindex='0']")];
        const shown = stops.filter((stop) => stop.offsetParent && !stop.disabled);
        const [from, to] = event.shiftKey ? [shown[0], shown.at(-1)] : [shown.at(-1), shown[0]];
        if (this.shadowRoot.activeElement === from) {
          event.preventDefault();
          to.focus();
        }
      }
    }
  }

  const OUTSIDE = [
    [window, "online"],
    [window, "offline"],
    [window, "pagehide"],
    [window, "pageshow"],
    [document, "visibilitychange"],
  ];

  /** An object written as JSON; whatever else is there counts as none. */
  function parsed(text) {
    try {
      return Object(JSON.parse(text || "{}"));
    } catch {
      return {};
    }
  }

  customElements.define("rejoinder-chat", RejoinderChat);
})();
