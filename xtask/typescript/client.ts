// A client in TypeScript, never run: the type checker says whether the models in docs/api/memcard.d.ts describe the wire
// as a program would use it. Each `@ts-expect-error` is a mistake that the models must catch.

import type { Action, Negotiate, operations, Plan, Save, UploadConflict } from "../../docs/api/memcard";

// --- As docs/api/README.md shows it ---------------------------------------------------------------------------------

async function negotiate(origin: string, token: string, request: Negotiate): Promise<Plan> {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const response = await fetch(`${origin}/api/sync/negotiate`, { method: "POST", headers, body: JSON.stringify(request) });
  if (!response.ok) throw new Error(`negotiate: ${response.status}`);
  return response.json();
}

// --- What a client does with a plan ---------------------------------------------------------------------------------

/** What the answers of an operation hold, by status. */
type Answer<Name extends keyof operations, Status extends keyof operations[Name]["responses"]> =
  operations[Name]["responses"][Status] extends { content: { "application/json": infer Body } } ? Body : never;

async function uploads(origin: string, token: string): Promise<string[]> {
  const plan = await negotiate(origin, token, {
    saves: [{ rom_id: 7, file_name: "game.srm", slot: "autosave", updated_at: "2026-09-04T11:12:27Z", file_size_bytes: 8192 }],
  });
  const chosen = plan.operations.filter((operation) => operation.action === "upload");
  return chosen.map((operation) => operation.file_name);
}

function described(action: Action): string {
  switch (action) {
    case "upload":
      return "sends its save";
    case "download":
      return "fetches the head";
    case "conflict":
      return "asks";
    case "no_op":
      return "is in sync";
  }
}

function headOf(conflict: Answer<"post_saves", 409>): Save {
  const same: UploadConflict = conflict;
  return same.fork?.slot === null ? same.fork : same.head;
}

const tag: Answer<"get_heartbeat", 200>["SYSTEM"]["VERSION"] = "5.1.0";
const refusal: Answer<"get_saves_by_id", 404>["detail"] = "Save with ID 7 not found";

// --- Mistakes -------------------------------------------------------------------------------------------------------

// @ts-expect-error a file that names no size
const withoutSize: Negotiate = { saves: [{ rom_id: 7, file_name: "game.srm", updated_at: "2026-09-04T11:12:27Z" }] };

// @ts-expect-error ids of games are numbers
const textId: Negotiate = { saves: [{ rom_id: "7", file_name: "a", updated_at: "", file_size_bytes: 1 }] };

// @ts-expect-error there is no such action
const unknownAction: Action = "merge";

// @ts-expect-error a misspelt member
const misspelt = (save: Save) => save.fileName;

// @ts-expect-error an archival save has no slot
const slotOf = (save: Save): string => save.slot;

// @ts-expect-error negotiation does not answer 201
type NoSuchStatus = Answer<"post_sync_negotiate", 201>;

// @ts-expect-error an upload names its game
const withoutGame: operations["post_saves"]["parameters"]["query"] = { slot: "autosave" };

export { described, headOf, refusal, tag, uploads };
export type { NoSuchStatus };
export { misspelt, slotOf, textId, unknownAction, withoutGame, withoutSize };
