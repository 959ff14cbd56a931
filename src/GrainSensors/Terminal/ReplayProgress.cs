using System.Globalization;
using Spectre.Console;

namespace GrainSensors.Terminal;

/// <summary>Shows the progress of <c>replay</c> on standard error: bars in a terminal, otherwise one line every two seconds.</summary>
internal static class ReplayProgress
{
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The state of the work at one moment: the finished share of each part, 0 to 1, and what the work waits for. The shares are null
    /// for a pipe, the size of which is unknown.
    /// </summary>
    public readonly record struct Snapshot(long Readings, double? Produced, double? Ingested, string Detail);

    /// <summary>Shows the progress until the work ends. A failure of the work is a failure of the result.</summary>
    /// <param name="ingests">Whether the command also fills windows.</param>
    public static async Task ShowAsync(Task work, bool ingests, Func<Snapshot> look, TimeProvider clock)
    {
        if (Console.IsErrorRedirected)
        {
            await LinesAsync(work, ingests, look, clock);
        }
        else
        {
            await BarsAsync(work, ingests, look, clock);
        }

        await work;
    }

    private static async Task LinesAsync(Task work, bool ingests, Func<Snapshot> look, TimeProvider clock)
    {
        while (await Task.WhenAny(work, Task.Delay(LineInterval, clock)) != work)
        {
            var now = look();
            var produced = now.Produced is { } share
                ? string.Create(CultureInfo.InvariantCulture, $"{share:P0} produced")
                : $"{Plural.Of(now.Readings, "reading")} produced";
            var ingested = ingests && now.Ingested is { } part
                ? string.Create(CultureInfo.InvariantCulture, $", {part:P0} in windows")
                : "";
            var detail = now.Detail.Length > 0 ? $" · {now.Detail}" : "";
            await Console.Error.WriteLineAsync(produced + ingested + detail);
        }
    }

    private static async Task BarsAsync(Task work, bool ingests, Func<Snapshot> look, TimeProvider clock)
    {
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress().AutoClear(true).HideCompleted(false)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var produced = context.AddTask("produced", maxValue: 1);
                var ingested = ingests ? context.AddTask("in windows", maxValue: 1) : null;
                while (await Task.WhenAny(work, Task.Delay(BarInterval, clock)) != work)
                {
                    var now = look();
                    produced.IsIndeterminate = now.Produced is null;
                    produced.Value = now.Produced ?? 0;
                    produced.Description = Markup.Escape(now.Detail.Length > 0 ? $"produced · {now.Detail}" : "produced");
                    if (ingested is not null)
                    {
                        ingested.IsIndeterminate = now.Ingested is null;
                        ingested.Value = now.Ingested ?? 0;
                    }
                }
            });
    }
}
