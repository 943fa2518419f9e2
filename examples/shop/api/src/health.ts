import { dependencyUp } from './metrics.js';
import { log } from './log.js';

interface Check {
  hard: boolean;
  run: () => Promise<unknown>;
  passed: boolean;
}

/** Checks in the background, so that a probe costs nothing and a slow dependency cannot hold it up. Only a hard
 *  dependency takes the server out of service; a soft one (the cache, the object store) degrades it. */
export class Health {
  private checks = new Map<string, Check>();
  private timer: NodeJS.Timeout | undefined;
  private started = false;
  private draining = false;

  add(name: string, hard: boolean, run: () => Promise<unknown>): this {
    this.checks.set(name, { hard, run, passed: false });
    dependencyUp.set({ dependency: name }, 0);
    return this;
  }

  async round(): Promise<void> {
    await Promise.all(
      [...this.checks].map(async ([name, check]) => {
        const passed = await Promise.race([
          check.run().then(() => true, () => false),
          new Promise<boolean>((resolve) => setTimeout(resolve, 2000, false).unref()),
        ]);
        if (passed !== check.passed) log(passed ? 'info' : 'warn', `${name} is ${passed ? 'up' : 'down'}`);
        check.passed = passed;
        dependencyUp.set({ dependency: name }, passed ? 1 : 0);
      }),
    );
    if (this.isUp()) this.started = true;
  }

  start(): void {
    void this.round();
    this.timer = setInterval(() => void this.round(), 5000);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  drain(): void {
    this.draining = true;
  }

  private isUp(): boolean {
    return [...this.checks.values()].every((check) => check.passed || !check.hard);
  }

  isStarted = (): boolean => this.started;
  isReady = (): boolean => this.started && !this.draining && this.isUp();

  report(): Record<string, string> {
    return Object.fromEntries(
      [...this.checks].map(([name, check]) => [name, check.passed ? 'pass' : check.hard ? 'fail' : 'warn']),
    );
  }
}
