namespace GrainSensors.Hosting.Health;

/// <summary>A server that the silo needs, and whether it was there when it was last looked for.</summary>
/// <param name="Name">As health reports name it.</param>
/// <param name="CheckAsync">Fails, with a sentence that holds no secret, when the server cannot be used.</param>
internal sealed record Dependency(string Name, Func<CancellationToken, Task> CheckAsync)
{
    private volatile string? _trouble = "was not looked for yet";

    /// <summary>Why it cannot be used, in one sentence; null: it can.</summary>
    public string? Trouble
    {
        get => _trouble;
        set => _trouble = value;
    }
}
