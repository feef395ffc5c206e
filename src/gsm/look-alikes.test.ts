import { describe, expect, it } from "vitest";
import { encodeSeptets } from "./alphabet.ts";
import { replaceLookAlikes } from "./look-alikes.ts";

describe("replaceLookAlikes", () => {
  it.each([
    ["“Don’t” – she said…", '"Don\'t" - she said...'],
    ["‹a› «b» „c“", '<a> "b" "c"'],
    ["½ of ¾ – ¼", "1/2 of 3/4 - 1/4"],
    ["ＡＢＣ　１２３！～", "ABC 123!~"],
    ["ｆｕｌｌ", "full"],
    ["ʜᴇʟʟᴏ", "HELLO"],
    ["prix\u00a0: 5\u202f000\u00a0€", "prix : 5 000 €"],
    ["a\tb\u2028c", "a b\nc"],
    ["zero\u200bwidth\ufeff soft\u00adhyphen", "zerowidth softhyphen"],
    ["non\u2011breaking − minus", "non-breaking - minus"],
    ["!?‼", "!?!!"],
  ])("turns %j into %j", (text, replaced) => {
    expect(replaceLookAlikes(text)).toBe(replaced);
    expect(encodeSeptets(replaced)).toBeDefined();
  });

  it("joins an accent to its letter before it takes it for a look-alike", () => {
    expect(replaceLookAlikes("cafe\u0301 n\u0303")).toBe("café ñ");
    expect(replaceLookAlikes("e\u0302")).toBe("ê");
  });

  it("leaves letters and emoji that look like nothing in the alphabet", () => {
    expect(replaceLookAlikes("áíóú çšž Привет 😀")).toBe("áíóú çšž Привет 😀");
  });

  it("changes nothing that is in the alphabet already", () => {
    const text = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./09:;<=>?¡AZÄÖÑÜ§¿azäöñüà\f^{}\\[~]|€";
    expect(replaceLookAlikes(text)).toBe(text);
  });
});
