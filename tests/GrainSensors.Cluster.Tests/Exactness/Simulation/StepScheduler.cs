namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>
/// Runs every continuation of a simulation on one thread, one at a time, in an order drawn at random: all
/// interleavings that concurrency allows, and the same one again for the same seed.
/// </summary>
internal sealed class StepScheduler(Random random) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];

    public bool IsIdle => _ready.Count == 0;

    public override void Post(SendOrPostCallback d, object? state) => _ready.Add((d, state));

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    /// <summary>Lets everybody else go first, more or less.</summary>
    public Task YieldAsync()
    {
        var turn = new TaskCompletionSource();
        Post(static t => ((TaskCompletionSource)t!).SetResult(), turn);
        return turn.Task;
    }

    public void RunOne()
    {
        var at = random.Next(_ready.Count);
        var (callback, state) = _ready[at];
        _ready[at] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        callback(state);
    }
}
