/** Draws Aurora's panels, and boxes of them; what else a notebook may show is for Voila's own page to draw. */
import panel from "../index";
import { named, type Models, type State, type WidgetModel } from "./models";

const BOXES: Record<string, string> = { VBoxModel: "aurora-column", HBoxModel: "aurora-row", BoxModel: "aurora-row" };
const OURS = "aurora_widgets.";

export interface View {
  el: HTMLElement;
  remove(): void;
}

/** Whether a widget, and each one in it, is known and can be drawn here. */
export function drawable(models: Models, id: string): boolean {
  const model = models.get(id);
  if (!model) return false;
  if (String(model.get("_anywidget_id") ?? "").startsWith(OURS)) return true;
  return isBox(model) && named(model.get("children")).every((child) => drawable(models, child));
}

/** Draws a widget; `strange` is called when it comes to hold one that can't be drawn here. */
export function view(models: Models, id: string, strange: () => void): View {
  const model = models.get(id) as WidgetModel;
  const el = document.createElement("div");
  const undress = dress(models, model, el);
  const undraw = isBox(model) ? box(models, model, el, strange) : panel.render({ model, el });
  return {
    el,
    remove() {
      undraw();
      undress();
      el.remove();
    },
  };
}

function isBox(model: WidgetModel): boolean {
  return model.get("_model_module") === "@jupyter-widgets/controls" && String(model.get("_model_name")) in BOXES;
}

function box(models: Models, model: WidgetModel, el: HTMLElement, strange: () => void): () => void {
  let children = new Map<string, View>();
  el.classList.add(BOXES[String(model.get("_model_name"))] as string);
  const draw = () => {
    const ids = named(model.get("children"));
    if (!ids.every((id) => drawable(models, id))) return strange();
    const kept = new Map(ids.map((id) => [id, children.get(id) ?? view(models, id, strange)]));
    for (const [id, child] of children) if (!kept.has(id)) child.remove();
    children = kept;
    el.replaceChildren(...[...kept.values()].map((child) => child.el));
  };
  model.on("change:children", draw);
  draw();
  return () => {
    model.off("change:children", draw);
    for (const child of children.values()) child.remove();
  };
}

/** Gives an element its widget's classes and layout, and keeps them. */
function dress(models: Models, model: WidgetModel, el: HTMLElement): () => void {
  let classes: string[] = [];
  const name = () => {
    el.classList.remove(...classes);
    classes = (model.get("_dom_classes") ?? []) as string[];
    el.classList.add(...classes);
  };
  name();
  model.on("change:_dom_classes", name);
  const layout = models.get(named(model.get("layout"))[0] ?? "");
  for (const rule of RULES) {
    const apply = () => el.style.setProperty(rule.replaceAll("_", "-"), (layout?.get(rule) ?? null) as string | null);
    if (layout?.get(rule) != null) apply();
    layout?.on(`change:${rule}`, apply);
  }
  return () => model.off("change:_dom_classes", name);
}

/** What ipywidgets' `Layout` can say. */
const RULES = [
  "align_content", "align_items", "align_self", "border_top", "border_right", "border_bottom", "border_left", "bottom", "display",
  "flex", "flex_flow", "grid_area", "grid_auto_columns", "grid_auto_flow", "grid_auto_rows", "grid_column", "grid_gap", "grid_row",
  "grid_template_areas", "grid_template_columns", "grid_template_rows", "height", "justify_content", "justify_items", "left", "margin",
  "max_height", "max_width", "min_height", "min_width", "object_fit", "object_position", "order", "overflow", "padding", "right", "top",
  "visibility", "width",
];

export type { State };
