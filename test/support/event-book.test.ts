import { describe, expect, it } from "vitest";
import { EventBook } from "./event-book.ts";

function told(id: string, type: string, status: string, messageId = "m") {
  const targets = [{ destination: { target: "+1" }, status, parts: 1 }];
  return { id, type, message: { id: messageId, direction: "outbound", text: "", targets } };
}

describe("the book of events", () => {
  it("knows what was created and what was delivered, however often it is told", () => {
    const book = new EventBook();
    for (const event of [
      told("a", "message_created", "queued"),
      told("b", "message_updated", "delivered"),
      told("b", "message_updated", "delivered"),
    ])
      book.note(event);
    expect([...book.created]).toEqual(["m"]);
    expect([...book.delivered]).toEqual(["m"]);
    expect([book.ids.size, book.attempts]).toEqual([2, 3]);
    expect(book.wrongs).toEqual([]);
  });

  it("sees a status that goes back", () => {
    const book = new EventBook();
    book.note(told("a", "message_updated", "delivered"));
    book.note(told("b", "message_updated", "sent"));
    expect(book.wrongs).toEqual(["m +1 went from delivered back to sent"]);
  });

  it("sees an id that two events bear", () => {
    const book = new EventBook();
    book.note(told("a", "message_updated", "sent"));
    book.note(told("a", "message_updated", "sent", "other"));
    expect(book.wrongs).toEqual(["event a was message_updated m and is message_updated other"]);
  });

  it("lets an older event come late when it is a repeat", () => {
    const book = new EventBook();
    book.note(told("a", "message_updated", "sent"));
    book.note(told("b", "message_updated", "delivered"));
    book.note(told("a", "message_updated", "sent"));
    expect(book.wrongs).toEqual([]);
  });
});
