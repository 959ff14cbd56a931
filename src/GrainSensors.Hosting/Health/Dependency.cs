namespace GrainSensors.Hosting.Health;

/// <summary>A server that the silo needs, and the result of the last check.</summary>
/// <param name="Name">The name in health reports.</param>
/// <param name="CheckAsync">Throws when the server is unavailable, with a message without secrets.</param>
internal sealed record Dependency(string Name, Func<CancellationToken, Task> CheckAsync)
{
    private volatile string? _trouble = "not checked yet";

    /// <summary>The reason why the server is unavailable, in one sentence; null: available.</summary>
    public string? Trouble
    {
        get => _trouble;
        set => _trouble = value;
    }
}
