using System.Globalization;
using Spectre.Console;

namespace GrainSensors.Terminal;

/// <summary>
/// Shows the progress of <c>produce</c> on standard error: a bar or a spinner in a terminal, otherwise one line per second.
/// </summary>
/// <param name="time">The requested duration; null: until the command is stopped.</param>
internal sealed class ProduceProgress(TimeSpan? time, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ReadingRate _rate = new(clock);

    /// <summary>The state of the work at one moment.</summary>
    /// <param name="Problem">Why the work is slow; null: it is not.</param>
    public readonly record struct Snapshot(long Produced, long Acknowledged, long Failed, string? Problem);

    /// <summary>Shows the progress until the work ends. A failure of the work is a failure of the result.</summary>
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
        var rate = string.Create(CultureInfo.InvariantCulture, $"{_rate.Next(now.Acknowledged):N0}/s");
        var line = $"{Plural.Of(now.Produced, "reading")} ({rate})";
        if (now.Failed > 0)
        {
            line += string.Create(CultureInfo.InvariantCulture, $", {now.Failed:N0} refused");
        }

        return now.Problem is null ? line : $"{line} · {now.Problem}";
    }
}
