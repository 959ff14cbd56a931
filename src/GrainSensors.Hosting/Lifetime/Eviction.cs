namespace GrainSensors.Hosting.Lifetime;

/// <summary>
/// What a silo does that learns that the cluster has declared it dead, after a pause of the whole process as a rule: it
/// ends at once, as a crash would, since others have its grains and partitions now. Whoever runs it starts it again.
/// </summary>
internal sealed class Eviction : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        var reason = string.Join(' ', new[] { context, exception?.Message }.OfType<string>()).ReplaceLineEndings(" ");
        Console.Error.WriteLine($"This silo can no longer be a member of the cluster and ends at once; nothing is lost, start it again. {reason}");
        Environment.Exit(ExitCodes.Evicted);
    }
}
