import { Table } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { adminTexts } from '../../../ui/admin-texts.ts';
import classes from './admin.module.css';

interface Column<Line> {
  readonly key: string;
  readonly label: string;
  readonly cell: (line: Line) => ReactNode;
}

interface RecordListProps<Line> {
  readonly label: string;
  /** The first column names the line. */
  readonly columns: readonly Column<Line>[];
  readonly lines: readonly Line[];
  readonly actions: (line: Line) => ReactNode;
  /** Whether a line is drawn as inactive. */
  readonly over?: (line: Line) => boolean;
}

/** Lines with facts and buttons: a table, and cards on a narrow screen. */
export function RecordList<Line extends { readonly id: string }>(props: RecordListProps<Line>) {
  const narrow = useMediaQuery('(max-width: 56em)', undefined, { getInitialValueInEffect: false });
  return <div className={classes.panel}>{narrow ? <Cards {...props} /> : <Lines {...props} />}</div>;
}

function Lines<Line extends { readonly id: string }>({ label, columns, lines, actions, over }: RecordListProps<Line>) {
  return (
    <Table verticalSpacing="sm" horizontalSpacing="md" aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          {columns.map((column) => (
            <Table.Th key={column.key} className={classes.head}>
              {column.label}
            </Table.Th>
          ))}
          <Table.Th className={classes.head} data-actions>
            {adminTexts.actions}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {lines.map((line) => (
          <Table.Tr key={line.id} className={classes.row} data-over={over?.(line)} data-testid="line">
            {columns.map((column) => (
              <Table.Td key={column.key} className={classes.cell}>
                {column.cell(line)}
              </Table.Td>
            ))}
            <Table.Td className={classes.actionsCell}>
              <div className={classes.actions}>{actions(line)}</div>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Cards<Line extends { readonly id: string }>({ label, columns, lines, actions, over }: RecordListProps<Line>) {
  const [title, ...facts] = columns;
  return (
    <ul className={classes.cards} aria-label={label}>
      {lines.map((line) => (
        <li key={line.id} className={classes.card} data-over={over?.(line)} data-testid="line">
          {title?.cell(line)}
          <dl className={classes.facts}>
            {facts.map((column) => (
              <div key={column.key} className={classes.fact}>
                <dt>{column.label}</dt>
                <dd>{column.cell(line)}</dd>
              </div>
            ))}
          </dl>
          <div className={classes.actions}>{actions(line)}</div>
        </li>
      ))}
    </ul>
  );
}
