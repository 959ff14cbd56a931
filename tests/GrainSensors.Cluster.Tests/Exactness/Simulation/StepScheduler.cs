namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>
/// Runs every continuation of a simulation on one thread, one at a time, in random order. Every interleaving of a concurrent run is
/// possible, and a seed repeats its interleaving.
/// </summary>
internal sealed class StepScheduler(Random random) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];

    public bool IsIdle => _ready.Count == 0;

    public override void Post(SendOrPostCallback d, object? state) => _ready.Add((d, state));

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    /// <summary>Lets other continuations run first, in random order.</summary>
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
