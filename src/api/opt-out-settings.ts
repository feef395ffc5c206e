import type { OptOutSettings } from "../domain/owned-number.ts";
import type { OptOutSettingsText } from "./schemas/opt-out-settings.ts";

/** Opt-out settings as a body has them, in our own names. */
export function readOptOutSettings(body: OptOutSettingsText): OptOutSettings | null {
  if (body === null) return null;
  return {
    isOn: body.is_on,
    ...(body.stop_keywords !== undefined && { stopKeywords: body.stop_keywords }),
    ...(body.start_keywords !== undefined && { startKeywords: body.start_keywords }),
    ...(body.help_keywords !== undefined && { helpKeywords: body.help_keywords }),
    ...(body.stop_answer !== undefined && { stopAnswer: body.stop_answer }),
    ...(body.start_answer !== undefined && { startAnswer: body.start_answer }),
    ...(body.help_answer !== undefined && { helpAnswer: body.help_answer }),
  };
}

/** Opt-out settings as the API shows them: what was not set is not there. */
export function viewOptOutSettings(settings: OptOutSettings | null): Record<string, unknown> | null {
  if (settings === null) return null;
  return {
    is_on: settings.isOn,
    ...(settings.stopKeywords !== undefined && { stop_keywords: settings.stopKeywords }),
    ...(settings.startKeywords !== undefined && { start_keywords: settings.startKeywords }),
    ...(settings.helpKeywords !== undefined && { help_keywords: settings.helpKeywords }),
    ...(settings.stopAnswer !== undefined && { stop_answer: settings.stopAnswer }),
    ...(settings.startAnswer !== undefined && { start_answer: settings.startAnswer }),
    ...(settings.helpAnswer !== undefined && { help_answer: settings.helpAnswer }),
  };
}
