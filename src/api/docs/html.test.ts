import { describe, expect, it } from "vitest";
import { escapeHtml, renderProse } from "./html.ts";

describe("prose as HTML", () => {
  it("cannot break out of the page", () => {
    expect(escapeHtml(`<a href="x" title='y'>&`)).toBe("&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;");
    expect(renderProse("`<script>`")).toBe("<p><code>&lt;script&gt;</code></p>");
  });

  it("has paragraphs and code", () => {
    expect(renderProse("one `two`\nthree\n\nfour")).toBe("<p>one <code>two</code>\nthree</p><p>four</p>");
  });
});
