namespace GrainSensors.Grains;

/// <summary>Runs a piece of work one at a time. Whoever asks while it runs shares the next run, which begins after they asked.</summary>
/// <remarks>To be called in the turns of one activation. Derived from, not given the work: there is one in each window grain.</remarks>
internal abstract class SingleFlight<T>
{
    private Task<T>? _running;
    private Task<T>? _following;
    private bool _isTaken;
    private TaskCompletionSource? _givenBack;

    public Task<T> RunAsync()
    {
        if (_following is not null)
        {
            return _following;
        }

        if (_isTaken)
        {
            _givenBack = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _following = FollowAsync(_givenBack.Task);
        }

        return _running is null ? Start() : _following = FollowAsync(_running);
    }

    /// <summary>Takes the place of a run, for work that whoever derives does without a task of its own, until <see cref="GiveBack"/>.</summary>
    /// <returns>False: one is under way.</returns>
    protected bool TryTake()
    {
        if (_isTaken || _running is not null || _following is not null)
        {
            return false;
        }

        return _isTaken = true;
    }

    protected void GiveBack()
    {
        _isTaken = false;
        _givenBack?.SetResult();
        _givenBack = null;
    }

    protected abstract Task<T> WorkAsync();

    private Task<T> Start()
    {
        var run = ForgottenAtItsEndAsync();
        _running = run.IsCompleted ? null : run;
        return run;
    }

    private async Task<T> ForgottenAtItsEndAsync()
    {
        try
        {
            return await WorkAsync();
        }
        finally
        {
            _running = null;
        }
    }

    private async Task<T> FollowAsync(Task running)
    {
        // Its failure is the answer to those who asked for it, not to those who wait for their turn.
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _following = null;
        return await Start();
    }
}
