import classes from './turntable.module.css';

const slots = Array.from({ length: 24 }, (_, k) => {
  const angle = (k * Math.PI) / 12;
  return { deg: k * 15, x: 300 + 236 * Math.sin(angle), y: 350 + 88 * Math.cos(angle) };
});

/** A decorative drawing: a car on a turntable with its 24 angles. */
export function Turntable() {
  return (
    <svg className={classes.turntable} viewBox="0 0 600 480" aria-hidden="true">
      <ellipse cx="300" cy="350" rx="272" ry="104" fill="currentColor" opacity=".06" />
      <ellipse
        cx="300"
        cy="350"
        rx="236"
        ry="88"
        fill="none"
        stroke="currentColor"
        strokeOpacity=".22"
        strokeWidth="2"
      />
      <ellipse cx="300" cy="346" rx="190" ry="68" fill="currentColor" opacity=".09" />
      {slots.map((slot) => (
        <circle
          key={slot.deg}
          className={classes.slot}
          style={{ animationDelay: `${slot.deg / 30}s` }}
          cx={slot.x}
          cy={slot.y}
          r={slot.y > 350 ? 6 : 4.5}
          fill="currentColor"
        />
      ))}
      <ellipse cx="302" cy="348" rx="186" ry="20" fill="#04222e" opacity=".35" />
      <path
        fill="currentColor"
        d="M112 331c-6-13-8-30-2-41 6-10 24-14 50-18 28-24 62-44 104-48 38-3 76-1 100 11 21 11 38 23 54 35 34 4 62 10 71 27 6 12 5 26-1 34-2 3-5 4-8 4h-28a36 36 0 0 0-72 0H232a36 36 0 0 0-72 0h-40c-4 0-7-1-8-4z"
      />
      <g fill="#0b4a61">
        <path d="M190 270c21-18 46-32 75-35l19-1v38h-90c-6 0-7 0-4-2z" />
        <path d="M297 234c25-1 46 5 62 14 14 8 25 15 33 22 2 2 1 2-3 2h-92z" />
      </g>
      <path d="M126 300h344" stroke="#0b4a61" strokeOpacity=".18" strokeWidth="3" />
      {[196, 416].map((x) => (
        <g key={x}>
          <circle cx={x} cy="336" r="29" fill="#0a2733" />
          <circle cx={x} cy="336" r="17" fill="none" stroke="currentColor" strokeWidth="4" opacity=".85" />
          <circle cx={x} cy="336" r="5" fill="currentColor" opacity=".85" />
        </g>
      ))}
    </svg>
  );
}
