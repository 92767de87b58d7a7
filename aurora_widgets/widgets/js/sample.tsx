/** A few rows to look at: the example of a dataset, the sample of a join. Nothing in it can be changed. */
import type { PageData } from "./protocol";
import "./sample.css";

export function SampleTable({ page, label }: { page: PageData; label: string }) {
  return (
    <div class="au-rows" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {page.columns.map((column) => (
              <th key={column.name} scope="col" class={column.numeric ? "au-num" : ""} title={column.label}>{column.label}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {page.rows.map((row, r) => (
            <tr key={r}>
              {row.map((cell, c) => (
                <td key={c} class={page.columns[c]?.numeric ? "au-num" : ""} title={cell ?? ""}>
                  {cell === null ? <span class="au-dash" aria-label="empty" role="img">—</span> : cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {page.rows.length === 0 && <p class="au-rows-none">No rows.</p>}
    </div>
  );
}
