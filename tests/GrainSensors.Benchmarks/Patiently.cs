namespace GrainSensors.Benchmarks;

/// <summary>
/// Waits for an expected condition, for two minutes at most if no other time is given. After that something is wrong, whatever is
/// measured.
/// </summary>
internal static class Patiently
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static Task UntilAsync(Func<bool> condition, string otherwise, CancellationToken cancellationToken) =>
        Until.Async(condition, () => otherwise, Patience).WaitAsync(cancellationToken);

    /// <exception cref="TimeoutException">It did not come, in the words given.</exception>
    public static Task UntilAsync(
        Func<Task<bool>> condition, string otherwise, CancellationToken cancellationToken, TimeSpan? patience = null) =>
        Until.Async(condition, () => otherwise, patience ?? Patience).WaitAsync(cancellationToken);
}
