using System.Globalization;
using Spectre.Console;

namespace GrainSensors.Terminal;

/// <summary>How producing goes: a bar or a line in place where a terminal is attached, else a line a second. On standard error.</summary>
/// <param name="time">How long it goes on; null: nobody knows.</param>
internal sealed class ProduceProgress(TimeSpan? time, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ReadingRate _rate = new(clock);

    /// <summary>A moment of the work.</summary>
    /// <param name="Trouble">What slows it down; null: nothing does.</param>
    public readonly record struct Snapshot(long Produced, long Acknowledged, long Failed, string? Trouble);

    /// <param name="work">Shown until it ends; its failure is the result.</param>
    public async Task ShowAsync(Task work, Func<Snapshot> look)
    {
        if (Console.IsErrorRedirected)
        {
            while (await Task.WhenAny(work, Task.Delay(Interval, clock)) != work)
            {
                await Console.Error.WriteLineAsync($"{clock.GetUtcNow():HH:mm:ss}  {Line(look())}");
            }
        }
        else
        {
            await AtTerminalAsync(work, look);
        }

        await work;
    }

    private async Task AtTerminalAsync(Task work, Func<Snapshot> look)
    {
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        ProgressColumn[] columns = time is null
            ? [new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ElapsedTimeColumn()]
            : [new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new RemainingTimeColumn()];
        await console.Progress().AutoClear(true).Columns(columns).StartAsync(async context =>
        {
            var started = clock.GetTimestamp();
            var task = context.AddTask("starting", maxValue: time?.TotalSeconds ?? 1);
            task.IsIndeterminate = time is null;
            while (await Task.WhenAny(work, Task.Delay(Interval, clock)) != work)
            {
                task.Description = Markup.Escape(Line(look()));
                if (time is not null)
                {
                    task.Value = clock.GetElapsedTime(started).TotalSeconds;
                }
            }
        });
    }

    private string Line(in Snapshot now)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{now.Produced:N0} readings ({_rate.Next(now.Acknowledged):N0}/s)");
        if (now.Failed > 0)
        {
            line += string.Create(CultureInfo.InvariantCulture, $", {now.Failed:N0} refused");
        }

        return now.Trouble is null ? line : $"{line} · {now.Trouble}";
    }
}
