namespace GrainSensors.Benchmarks;

/// <summary>Waits for what should come, for two minutes at most unless something else is said: whatever is measured, something is wrong after that.</summary>
internal static class Patiently
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static Task UntilAsync(Func<bool> condition, string otherwise, CancellationToken cancellationToken) =>
        Until.Async(condition, () => otherwise, Patience).WaitAsync(cancellationToken);

    /// <exception cref="TimeoutException">It did not come, in the words given.</exception>
    public static Task UntilAsync(Func<Task<bool>> condition, string otherwise, CancellationToken cancellationToken, TimeSpan? patience = null) =>
        Until.Async(condition, () => otherwise, patience ?? Patience).WaitAsync(cancellationToken);
}
