/**
 * What opens beside a control: lists and menus. It lives in the browser's top layer, so no scrolling box cuts it,
 * and stays where it is in the document, so focus and the dialog's bounds still hold.
 */
import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "./icons";

export interface Box { left: number; top: number; right: number; bottom: number }

/** Where a box of `width` × `height` goes beside `anchor`: below it, or above where there is more room. */
export function place(anchor: Box, width: number, height: number, view: { width: number; height: number }) {
  const margin = 6;
  const below = view.height - anchor.bottom - margin;
  const above = anchor.top - margin;
  const under = height <= below || below >= above;
  const room = Math.max(80, under ? below : above);
  const tall = Math.min(height, room);
  return {
    left: Math.max(margin, Math.min(anchor.left, view.width - width - margin)),
    top: under ? anchor.bottom + 3 : anchor.top - tall - 3,
    maxHeight: room - 3,
  };
}

export interface PopoverProps {
  anchor: RefObject<HTMLElement | null> | Box;
  onClose: () => void;
  children: ComponentChildren;
  class?: string;
  /** At least as wide as the anchor. */
  fit?: boolean;
}

export function Popover({ anchor, onClose, children, class: klass = "", fit = false }: PopoverProps) {
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  const settle = () => {
    const element = box.current;
    const from = "current" in anchor ? anchor.current?.getBoundingClientRect() : anchor;
    if (!element || !from) return;
    if (fit) element.style.minWidth = `${from.right - from.left}px`;
    element.style.maxHeight = "none";
    const { left, top, maxHeight } = place(from, element.offsetWidth, element.scrollHeight + 2, {
      width: innerWidth, height: innerHeight,
    });
    Object.assign(element.style, { left: `${left}px`, top: `${top}px`, maxHeight: `${Math.min(maxHeight, 340)}px` });
    // Above the anchor the box must end where the anchor begins, also when 340 px cut it.
    if (top < from.top) element.style.top = `${from.top - element.offsetHeight - 3}px`;
  };

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    element.showPopover?.();
    const outside = (event: Event) => {
      const target = event.target as Node;
      const opener = "current" in anchor ? anchor.current : null;
      if (!element.contains(target) && !opener?.contains(target)) close.current();
    };
    const scrolled = (event: Event) => {
      if (!element.contains(event.target as Node)) settle();
    };
    document.addEventListener("pointerdown", outside, true);
    document.addEventListener("scroll", scrolled, true);
    window.addEventListener("resize", settle);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      document.removeEventListener("scroll", scrolled, true);
      window.removeEventListener("resize", settle);
    };
  }, []);
  useLayoutEffect(settle);

  return <div ref={box} popover="manual" class={`au-pop ${klass}`}>{children}</div>;
}

export interface MenuItem {
  label: string;
  icon?: IconName;
  onPick?: () => void;
  disabled?: boolean;
  /** It is only said: there is nothing to pick. */
  said?: boolean;
  /** A line above this item. */
  line?: boolean;
}

/** A menu after WAI-ARIA; focus goes into it and, on closing, back to where it was. */
export function Menu({ anchor, items, label, onClose }: {
  anchor: RefObject<HTMLElement | null> | Box; items: MenuItem[]; label: string; onClose: () => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  const opener = useRef(document.activeElement as HTMLElement | null);
  const all = () => [...(list.current?.querySelectorAll<HTMLElement>('[role="menuitem"]:not([aria-disabled])') ?? [])];
  const finish = (action?: () => void) => {
    opener.current?.focus();
    onClose();
    action?.();
  };
  useLayoutEffect(() => all()[0]?.focus(), []); // at once: keys that follow are the menu's

  const onKeyDown = (event: KeyboardEvent) => {
    const options = all();
    const at = options.indexOf(document.activeElement as HTMLElement);
    const go = (index: number) => options[(index + options.length) % options.length]?.focus();
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(-1);
    else if (event.key === "Escape" || event.key === "Tab") finish();
    else if (event.key.length === 1 && event.key !== " ") {
      const typed = event.key.toLowerCase();
      const next = [...options.slice(at + 1), ...options].find((o) => o.textContent?.toLowerCase().startsWith(typed));
      next?.focus();
      return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <Popover anchor={anchor} onClose={onClose}>
      <div ref={list} role="menu" aria-label={label} class="au-menu" onKeyDown={onKeyDown}>
        {items.map((item) => (
          <>
            {item.line && <div role="separator" class="au-menu-line" />}
            <button
              type="button" role="menuitem" tabIndex={-1} class={`au-menu-item ${item.said ? "au-menu-said" : ""}`}
              {...(item.disabled || item.said ? { "aria-disabled": "true" as const } : {})}
              onClick={() => !item.disabled && !item.said && finish(item.onPick)}
            >
              {item.icon ? <Icon name={item.icon} size={13} /> : <span class="au-icon-room" />}
              <span class="au-cut">{item.label}</span>
            </button>
          </>
        ))}
      </div>
    </Popover>
  );
}
