/** Seals secrets that the store keeps: carrier passwords, webhook secrets. */
export interface SecretBox {
  seal(text: string): string;
  /** Throws when the text was sealed with another key. */
  open(sealed: string): string;
}
