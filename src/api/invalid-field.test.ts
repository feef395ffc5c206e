import { describe, expect, it } from "vitest";
import { describeInvalid } from "./invalid-field.ts";

describe("describing a wrong field", () => {
  it.each([
    ["type", "/destinations/3/target", { type: "string" }, "destinations[3].target must be a string"],
    ["type", "/destinations", { type: "array" }, "destinations must be an array"],
    ["type", "/expire", { type: "integer" }, "expire must be an integer"],
    ["type", "/source", { type: "object" }, "source must be an object"],
    ["required", "", { missingProperty: "source" }, "source is required"],
    ["required", "/destinations/0", { missingProperty: "target" }, "destinations[0].target is required"],
    ["minLength", "/password", { limit: 1 }, "password must not be empty"],
    ["minLength", "/name", { limit: 3 }, "name must have at least 3 characters"],
    ["maxLength", "/name", { limit: 255 }, "name must have at most 255 characters"],
    ["minimum", "/expire", { limit: 0 }, "expire must be at least 0"],
    ["maximum", "/expire", { limit: 9 }, "expire must be at most 9"],
    ["minItems", "/ids", { limit: 1 }, "ids must hold at least 1 items"],
    ["maxItems", "/ids", { limit: 2 }, "ids must hold at most 2 items"],
    ["enum", "/webhook_method", { allowedValues: ["", "POST"] }, 'webhook_method must be one of "", "POST"'],
    ["pattern", "/name", { pattern: "^a$" }, "name must match ^a$"],
    ["else", "/a~1b~0c", {}, "a/b~c is not valid"],
  ])("%s at %s", (keyword, instancePath, params, message) => {
    expect(describeInvalid({ keyword, instancePath, params })).toEqual({
      field: message.split(/ (?:must|is)/, 1)[0],
      message,
    });
  });

  it("names no field when the body itself is wrong", () => {
    expect(describeInvalid({ keyword: "type", instancePath: "", params: { type: "object" } })).toEqual({
      field: null,
      message: "the body must be a JSON object",
    });
  });
});
