/** What all boards have in common: variables, panels of one query each or a few, links to each other. */
import {
  type Dashboard,
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TextPanel } from '@grafana/grafana-foundation-sdk/text';
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';

/** A query and how its lines are named. */
export type Query = readonly [expression: string, legend: string];

/** A panel. */
export interface PanelOf {
  readonly kind: 'stat' | 'lines';
  readonly title: string;
  /** The question that it answers. */
  readonly about: string;
  /** Unit of Grafana: short, s, percentunit, Bps, ops. */
  readonly unit: string;
  readonly queries: readonly Query[];
}

/** A board: each row answers one question. */
export interface BoardOf {
  readonly uid: string;
  readonly title: string;
  /** What the board is for, in Markdown. */
  readonly about: string;
  /** A variable besides data source and namespace: its name, and the label of a series that gives its values. */
  readonly variables: readonly { readonly name: string; readonly query: string }[];
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelOf[] }[];
}

const DATASOURCE = { type: 'prometheus', uid: '$datasource' };
const TAG = 'lockstep';
/** Grafana's grid has 24 columns. */
const WIDTH = { stat: 4, lines: 8 } as const;
const HEIGHT = { stat: 4, lines: 8 } as const;

/** One number. */
export const stat = (title: string, about: string, unit: string, expression: string): PanelOf => ({
  ...{ kind: 'stat', title, about, unit },
  queries: [[expression, title]],
});

/** Lines over time. */
export const lines = (title: string, about: string, unit: string, ...queries: readonly Query[]): PanelOf => ({
  ...{ kind: 'lines', title, about, unit, queries },
});

/** The board as Grafana imports it. */
export function buildBoard({ uid, title, about, variables, rows }: BoardOf): Dashboard {
  const board = new DashboardBuilder(title)
    .uid(uid)
    .tags([TAG])
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(variable('namespace', 'label_values(lockstep_build_info, namespace)'))
    .link(
      new DashboardLinkBuilder('Lockstep')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .keepTime(true)
        .includeVars(true),
    )
    .withPanel(new TextPanel().content(about).transparent(true).span(24).height(3));
  for (const { name, query } of variables) board.withVariable(variable(name, query));
  for (const { title: row, panels } of rows) {
    board.withRow(new RowBuilder(row));
    for (const panel of panels) board.withPanel(buildPanel(panel));
  }
  return board.build();
}

/** All values unless some are chosen; all are also series without the label, as outside a cluster. */
function variable(name: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(name)
    .query({ query, refId: name })
    .datasource(DATASOURCE)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: 'All', value: '$__all' });
}

function buildPanel({ kind, title, about, unit, queries }: PanelOf): StatPanel | TimeseriesPanel {
  const panel = kind === 'stat' ? new StatPanel() : new TimeseriesPanel();
  panel.title(title).description(about).unit(unit).datasource(DATASOURCE).span(WIDTH[kind]).height(HEIGHT[kind]);
  queries.forEach(([expression, legend], index) => {
    panel.withTarget(
      new DataqueryBuilder()
        .datasource(DATASOURCE)
        .expr(expression)
        .legendFormat(legend)
        .refId(String.fromCharCode('A'.charCodeAt(0) + index)),
    );
  });
  return panel;
}
