/** Lucide icons, inlined when the bundle is built: no icon font, no request. */
import alert from "lucide-static/icons/triangle-alert.svg";
import arrowDown from "lucide-static/icons/arrow-down.svg";
import arrowUp from "lucide-static/icons/arrow-up.svg";
import ban from "lucide-static/icons/ban.svg";
import bolt from "lucide-static/icons/zap.svg";
import calculate from "lucide-static/icons/square-function.svg";
import calendar from "lucide-static/icons/calendar.svg";
import chart from "lucide-static/icons/chart-bar.svg";
import check from "lucide-static/icons/check.svg";
import chevronDown from "lucide-static/icons/chevron-down.svg";
import chevronLeft from "lucide-static/icons/chevron-left.svg";
import chevronRight from "lucide-static/icons/chevron-right.svg";
import chevronsLeft from "lucide-static/icons/chevrons-left.svg";
import chevronsRight from "lucide-static/icons/chevrons-right.svg";
import circleAlert from "lucide-static/icons/circle-alert.svg";
import circleCheck from "lucide-static/icons/circle-check.svg";
import clock from "lucide-static/icons/clock.svg";
import code from "lucide-static/icons/code.svg";
import columns from "lucide-static/icons/columns-3.svg";
import copy from "lucide-static/icons/copy.svg";
import database from "lucide-static/icons/database.svg";
import duplicate from "lucide-static/icons/copy-plus.svg";
import dots from "lucide-static/icons/ellipsis-vertical.svg";
import eye from "lucide-static/icons/eye.svg";
import eyeOff from "lucide-static/icons/eye-off.svg";
import filter from "lucide-static/icons/funnel.svg";
import filterX from "lucide-static/icons/funnel-x.svg";
import grip from "lucide-static/icons/grip-vertical.svg";
import group from "lucide-static/icons/folder-plus.svg";
import groupBy from "lucide-static/icons/group.svg";
import info from "lucide-static/icons/info.svg";
import join from "lucide-static/icons/merge.svg";
import layers from "lucide-static/icons/layers.svg";
import leave from "lucide-static/icons/log-out.svg";
import link from "lucide-static/icons/link.svg";
import loader from "lucide-static/icons/loader-circle.svg";
import person from "lucide-static/icons/user-round.svg";
import plus from "lucide-static/icons/plus.svg";
import power from "lucide-static/icons/power.svg";
import redo from "lucide-static/icons/redo-2.svg";
import reset from "lucide-static/icons/rotate-ccw.svg";
import search from "lucide-static/icons/search.svg";
import share from "lucide-static/icons/share-2.svg";
import sigma from "lucide-static/icons/sigma.svg";
import sort from "lucide-static/icons/arrow-down-up.svg";
import swap from "lucide-static/icons/arrow-left-right.svg";
import table from "lucide-static/icons/table-2.svg";
import trash from "lucide-static/icons/trash-2.svg";
import undo from "lucide-static/icons/undo-2.svg";
import vintage from "lucide-static/icons/calendar-clock.svg";
import x from "lucide-static/icons/x.svg";

const DRAWINGS = {
  alert, arrowDown, arrowUp, ban, bolt, calculate, calendar, chart, check, chevronDown, chevronLeft, chevronRight,
  chevronsLeft, chevronsRight, circleAlert, circleCheck, clock, code, columns, copy, database, dots, duplicate, eye,
  eyeOff, filter, filterX, grip, group, groupBy, info, join, layers, leave, link, loader, person, plus, power, redo, reset,
  search, share, sigma, sort, swap, table, trash, undo, vintage, x,
};
export type IconName = keyof typeof DRAWINGS;

/** A drawing of `size` px in the text's colour; it says nothing to a screen reader. */
export function Icon({ name, size = 14, class: klass = "" }: { name: IconName; size?: number; class?: string }) {
  return (
    <svg
      class={`au-icon ${klass}`} width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor"
      stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"
      dangerouslySetInnerHTML={{ __html: DRAWINGS[name] }}
    />
  );
}
