using GrainSensors.Reconciliation.Model;
using GrainSensors.Terminal;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Tests.Terminal;

public sealed class ReconcileProgressTests
{
    [Fact]
    public async Task Without_a_terminal_a_line_every_ten_seconds_names_the_step_and_the_time_left()
    {
        var clock = new FakeTimeProvider();
        using var output = new StringWriter();
        var work = new TaskCompletionSource();
        ReconciliationProgress[] states =
        [
            new(ReconciliationStep.ReadingDeadLetters, 0, 0), new(ReconciliationStep.ReadingMessages, 0, 214_000),
            new(ReconciliationStep.ReadingMessages, 53_500, 214_000), new(ReconciliationStep.Comparing, 0, 0),
            new(ReconciliationStep.Comparing, 1, 0),
        ];
        var next = 0;
        var shown = new ReconcileProgress(clock).LinesAsync(work.Task, () => states[next++], output);
        for (var seen = 1; seen <= states.Length; seen++)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(seen, next);
        }

        work.SetResult();
        await shown;

        Assert.Equal(
            [
                "0:00:10  reading dead letters", "0:00:20  reading 214,000 messages",
                "0:00:30  reading messages: 53,500 of 214,000 (25%), about 0:00:30 left", "0:00:40  computing windows",
                "0:00:50  comparing: 1 row",
            ],
            output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
