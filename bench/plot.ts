/** `node bench/plot.ts [results.json] [figures.svg]`: draws each figure of a run as a share of Kannel's in the same run. */
import { readFileSync, writeFileSync } from "node:fs";
import { medians, type Run } from "./figures.ts";

interface Bar {
  readonly label: string;
  readonly ratio: number;
  /** Whether a longer bar is a better one. */
  readonly isMoreBetter: boolean;
}

interface Results {
  readonly results: Readonly<Record<string, Partial<Record<"msgbin" | "kannel", Run[]>>>>;
}

const LESS_IS_BETTER = /cpu|ms$|MB|written/;
const LEFT = 330;
const UNIT = 160;
const LONGEST = 3;
const ROW = 22;

const [source = "bench/results.json", target = "bench/figures.svg"] = process.argv.slice(2);
const { results } = JSON.parse(readFileSync(source, "utf8")) as Results; // run.ts wrote it
const bars = Object.entries(results).flatMap(([name, { msgbin = [], kannel = [] }]) =>
  barsOf(name, medians(msgbin), medians(kannel)),
);
writeFileSync(target, draw(bars));

function barsOf(name: string, ours: Run, theirs: Run): Bar[] {
  return Object.entries(ours).flatMap(([figure, value]) => {
    const other = theirs[figure];
    if (other === undefined || other === 0) return [];
    return [
      {
        label: `${name}: ${figure}`,
        ratio: value / other,
        isMoreBetter: !LESS_IS_BETTER.test(figure),
      },
    ];
  });
}

function draw(all: readonly Bar[]): string {
  const height = ROW * (all.length + 2);
  const one = LEFT + UNIT;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + UNIT * LONGEST + 70}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="8" y="15">msgbin as a share of Kannel in the same run; the line is Kannel, green is where msgbin is ahead</text>
${all.map(drawBar).join("\n")}
<line x1="${one}" y1="${ROW}" x2="${one}" y2="${height - ROW / 2}" stroke="black"/>
</svg>
`;
}

function drawBar({ label, ratio, isMoreBetter }: Bar, row: number): string {
  const y = ROW * (row + 1);
  const colour = ratio >= 1 === isMoreBetter ? "#3a923a" : "#c44e52";
  const width = (UNIT * Math.min(ratio, LONGEST)).toFixed(0);
  const text = LEFT + Number(width) + 6;
  return [
    `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${label}</text>`,
    `<rect x="${LEFT}" y="${y + 3}" width="${width}" height="${ROW - 8}" fill="${colour}"/>`,
    `<text x="${text}" y="${y + 14}">${ratio.toPrecision(2)}</text>`,
  ].join("");
}
