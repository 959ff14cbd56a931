namespace GrainSensors.Benchmarks.Store;

/// <summary>Many who call at once, as grains do, each for one thing after the other.</summary>
internal static class Callers
{
    /// <param name="action">For each number below the count.</param>
    public static async Task ForAllAsync(int callers, int count, Func<int, Task> action, CancellationToken cancellationToken)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) is var index && index < count)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    await action(index);
                }
            },
            cancellationToken)));
    }
}
