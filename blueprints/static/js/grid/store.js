/* The encrypted store of the phone, one for each community. A key that cannot leave the browser belongs to each account;
   wiping the key makes everything of that account unreadable. Only ids, order and states lie open. */
(() => {
  "use strict";
  const Field = (window.Field = window.Field || {});
  const NAME = "field:";
  const text = { to: new TextEncoder(), from: new TextDecoder() };

  class Store {
    constructor(slug, base) { this.slug = slug; this.base = base; this.account = ""; this.key = null; }

    static async open(slug) {
      const base = await idb.openDB(NAME + slug, 1, {
        upgrade(made) {
          made.createObjectStore("meta");
          made.createObjectStore("keys");
          made.createObjectStore("box");
          made.createObjectStore("items", { keyPath: "id" }).createIndex("account", "account");
        },
        blocking() { base.close(); },
      });
      const store = new Store(slug, base);
      if (!(await base.get("meta", "device"))) await base.put("meta", crypto.randomUUID(), "device");
      try { localStorage.setItem("field", slug); } catch { /* forbidden: leaving is not intercepted, the server still wipes */ }
      const account = await base.get("meta", "account");
      if (account) await store.become(account);
      return store;
    }

    /* From now on the phone is this account's; what another account left stays sealed under its own key. */
    async become(account) {
      let key = await this.base.get("keys", account);
      if (!key) {
        key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
        await this.base.put("keys", key, account);
      }
      this.account = account;
      this.key = key;
      await this.base.put("meta", account, "account");
    }

    async seal(name, bytes) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const additionalData = text.to.encode(this.account + "|" + name);
      return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, this.key, bytes) };
    }

    async unseal(name, { iv, data }) {
      const additionalData = text.to.encode(this.account + "|" + name);
      return crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, this.key, data);
    }

    async sealWords(name, words) { return this.seal(name, text.to.encode(JSON.stringify(words))); }
    async unsealWords(name, box) { return JSON.parse(text.from.decode(await this.unseal(name, box))); }

    meta(name, value) { return value === undefined ? this.base.get("meta", name) : this.base.put("meta", value, name); }

    /* What the phone took along. It is wiped when the phone has not met the server for `keep_days`; items never are. */
    async keepBundle(bundle) {
      await this.base.put("box", await this.sealWords("bundle", bundle), this.account);
      await this.meta("stored", Date.now());
      await this.meta("open", { words: bundle.words, lang: bundle.lang, elder: bundle.elder, keep: bundle.keep_days });
    }

    async bundle() {
      const box = this.key && (await this.base.get("box", this.account));
      if (!box) return null;
      const open = (await this.meta("open")) || {};
      if (Date.now() - ((await this.meta("stored")) || 0) > (open.keep || 21) * 86400000) {
        await this.base.delete("box", this.account);
        await this.meta("expired", open.keep || 21);
        return null;
      }
      return this.unsealWords("bundle", box);
    }

    async dropBundle() { await this.base.delete("box", this.account); }

    /* Half-typed pages: sealed, one for each page; older ones than the phone keeps households go. */
    async keepDraft(at, words) {
      const sealed = { at: Date.now(), ...(await this.sealWords("draft|" + at, words)) };
      const work = this.base.transaction("box", "readwrite", { durability: "strict" });
      work.store.put(sealed, `${this.account}|draft|${at}`);
      await work.done;
    }

    async draft(at) {
      const box = this.key && (await this.base.get("box", `${this.account}|draft|${at}`));
      return box ? this.unsealWords("draft|" + at, box) : null;
    }

    async dropDraft(at) { await this.base.delete("box", `${this.account}|draft|${at}`); }

    async drafts() { return this.account ? this.base.getAllKeys("box", IDBKeyRange.bound(`${this.account}|draft|`, `${this.account}|draft|\uffff`)) : []; }

    async dropOldDrafts() {
      const days = ((await this.meta("open")) || {}).keep || 21;
      for (const key of await this.drafts()) if (Date.now() - (await this.base.get("box", key)).at > days * 86400000) await this.base.delete("box", key);
    }

    async nextSeq() {
      const work = this.base.transaction("meta", "readwrite");
      const seq = ((await work.store.get("seq")) || 0) + 1;
      await work.store.put(seq, "seq");
      await work.done;
      return seq;
    }

    /* Queue one item and its photographs, all or none: what is queued together is kept together. */
    async add(kind, payload, base, photos) {
      const records = [await this.record(crypto.randomUUID(), { kind, payload, base: base || {} })];
      for (const photo of photos || []) {
        const id = crypto.randomUUID();
        const sealed = await this.seal(id, await photo.arrayBuffer());
        records.push({ id, account: this.account, seq: await this.nextSeq(), at: Date.now(), state: "waiting", of: records[0].id, ...sealed });
      }
      const work = this.base.transaction("items", "readwrite", { durability: "strict" });  // on the disk before it counts as noted
      for (const record of records) work.store.put(record);
      await work.done;
      return records[0].id;
    }

    async record(id, words) {
      const seq = await this.nextSeq();
      return { id, account: this.account, seq, at: Date.now(), state: "waiting", ...(await this.sealWords(id, words)) };
    }

    /* The items of this account in their order; photographs without their picture. */
    async items() {
      if (!this.key) return [];
      const rows = await this.base.getAllFromIndex("items", "account", this.account);
      rows.sort((one, other) => one.seq - other.seq);
      const read = [];
      for (const row of rows) {
        const words = row.of ? { kind: "photo", payload: {}, base: {} } : await this.unsealWords(row.id, row);
        read.push({ id: row.id, seq: row.seq, at: row.at, state: row.state, problem: row.problem || "", of: row.of || "", ...words });
      }
      return read;
    }

    async waiting() {
      if (!this.account) return 0;
      const rows = await this.base.getAllFromIndex("items", "account", this.account);
      return rows.filter((row) => row.state === "waiting").length;
    }

    async others() {
      return (await this.base.getAll("items")).filter((row) => row.account !== this.account).length;
    }

    async picture(id) {
      const row = await this.base.get("items", id);
      return new Blob([await this.unseal(id, row)], { type: "image/jpeg" });
    }

    async mark(id, state, problem) {
      const row = await this.base.get("items", id);
      if (row) await this.base.put("items", { ...row, state, problem });
    }

    async remove(id) {
      const rows = await this.base.getAllFromIndex("items", "account", this.account);
      const work = this.base.transaction("items", "readwrite");
      for (const row of rows) if (row.id === id) work.store.delete(row.id);
      await work.done;
    }

    /* One item and the photographs that go with it. */
    async drop(id) {
      const rows = await this.base.getAllFromIndex("items", "account", this.account);
      for (const row of rows) if (row.id === id || row.of === id) await this.base.delete("items", row.id);
    }

    /* Log-out: the account's key first, then all that it could open. */
    async wipe() {
      const rows = await this.base.getAllFromIndex("items", "account", this.account);
      const work = this.base.transaction(["keys", "box", "items", "meta"], "readwrite");
      work.objectStore("keys").delete(this.account);
      work.objectStore("box").delete(IDBKeyRange.bound(this.account, this.account + "|\uffff"));
      for (const row of rows) work.objectStore("items").delete(row.id);
      for (const name of ["account", "last", "stored", "expired"]) work.objectStore("meta").delete(name);
      await work.done;
      this.account = "";
      this.key = null;
    }
  }

  Field.Store = Store;
})();
