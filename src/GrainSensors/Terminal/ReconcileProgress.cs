using System.Globalization;
using GrainSensors.Reconciliation.Model;
using Spectre.Console;

namespace GrainSensors.Terminal;

/// <summary>
/// Shows the progress of <c>reconcile</c> on standard error: a bar with the time left in a terminal, otherwise one line every ten
/// seconds.
/// </summary>
internal sealed class ReconcileProgress(TimeProvider clock)
{
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);

    private readonly long _started = clock.GetTimestamp();
    private ReconciliationStep _step;
    private long _stepStarted = clock.GetTimestamp();

    /// <summary>Shows the progress until the work ends. A failure of the work is a failure of the result.</summary>
    public async Task<T> ShowAsync<T>(Task<T> work, Func<ReconciliationProgress> look)
    {
        await (Console.IsErrorRedirected ? LinesAsync(work, look, Console.Error) : BarAsync(work, look));
        return await work;
    }

    internal async Task LinesAsync(Task work, Func<ReconciliationProgress> look, TextWriter output)
    {
        while (await Task.WhenAny(work, Task.Delay(LineInterval, clock)) != work)
        {
            await output.WriteLineAsync($"{clock.GetElapsedTime(_started):h\\:mm\\:ss}  {Line(look())}");
        }
    }

    private async Task BarAsync(Task work, Func<ReconciliationProgress> look)
    {
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        ProgressColumn[] columns =
            [new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new ElapsedTimeColumn()];
        await console.Progress().AutoClear(true).Columns(columns).StartAsync(async context =>
        {
            var task = context.AddTask("starting");
            while (await Task.WhenAny(work, Task.Delay(BarInterval, clock)) != work)
            {
                var now = look();
                task.Description = Markup.Escape(Line(now));
                task.IsIndeterminate = now.Total == 0;
                (task.MaxValue, task.Value) = (Math.Max(1, now.Total), now.Done);
            }
        });
    }

    /// <returns><c>reading messages: 121,000 of 214,000 (56%), about 0:00:22 left</c>.</returns>
    private string Line(in ReconciliationProgress now)
    {
        if (now.Step != _step)
        {
            (_step, _stepStarted) = (now.Step, clock.GetTimestamp());
        }

        var done = now.Done > 0 && now.Total > 0 ? Math.Min(1, (double)now.Done / now.Total) : 0;
        var left = clock.GetElapsedTime(_stepStarted) * (done > 0 ? (1 - done) / done : 0);
        return now.Step switch
        {
            ReconciliationStep.FindingOffsets => "finding offsets",
            ReconciliationStep.ReadingDeadLetters => "reading dead letters",
            ReconciliationStep.ReadingMessages when now.Done == 0 => $"reading {Plural.Of(now.Total, "message")}",
            ReconciliationStep.ReadingMessages => string.Create(
                CultureInfo.InvariantCulture,
                $"reading messages: {now.Done:N0} of {now.Total:N0} ({done * 100:0}%), about {left:h\\:mm\\:ss} left"),
            _ when now.Done == 0 => "computing windows",
            _ => $"comparing: {Plural.Of(now.Done, "row")}",
        };
    }
}
