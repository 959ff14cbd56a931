namespace GrainSensors.Hosting.Health;

/// <summary>A server that the silo needs, and the result of the last check.</summary>
/// <param name="Name">The name in health reports.</param>
/// <param name="CheckAsync">Throws when the server is unavailable, with a message without secrets.</param>
internal sealed record Dependency(string Name, Func<CancellationToken, Task> CheckAsync)
{
    private volatile Outage? _outage = new("not checked yet", null);

    /// <summary>The reason why the server is unavailable, in one sentence; null: available.</summary>
    public string? Trouble => _outage?.Reason;

    /// <summary>The time of the first check that failed, UTC; null: available, or not checked yet.</summary>
    public DateTime? TroubleSince => _outage?.Since;

    /// <param name="reason">One sentence.</param>
    /// <param name="now">UTC.</param>
    public void Lost(string reason, DateTime now) => _outage = new(reason, TroubleSince ?? now);

    public void Found() => _outage = null;

    private sealed record Outage(string Reason, DateTime? Since);
}
