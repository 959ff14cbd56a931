using GrainSensors.Core.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>
/// Flushes many window grains of this silo together. Each grain takes two turns: the first copies its rows and hands them to the
/// store, the second records the outcomes. Between the turns the grain takes readings.
/// </summary>
/// <remarks>
/// A call for each grain would cost more for its message, answer and tasks than for the rows. An instance is used again for other
/// batches, one at a time.
/// </remarks>
internal sealed class BatchFlush
{
    private readonly List<Member> _members = [];
    private TaskCompletionSource? _allTurned;
    private int _turning;

    /// <param name="activations">Null entries are skipped.</param>
    /// <param name="answers">
    /// The answers by index, as those of <see cref="Contracts.Windows.IWindowGrain.Flush"/>. The entry of a grain that must be
    /// called instead stays as it is.
    /// </param>
    /// <returns>A task that completes when every flush that has begun has ended.</returns>
    /// <exception cref="Storage.Windows.WindowStoreUnavailableException">
    /// Some rows are not known to be durable; their grains have no answer.
    /// </exception>
    public async Task RunAsync(SourceId source, Guid life, ReadOnlyMemory<IWindowActivation?> activations, Memory<long?> answers)
    {
        while (_members.Count < activations.Length)
        {
            _members.Add(new(this));
        }

        Expect(activations.Length);
        for (var i = 0; i < activations.Length; i++)
        {
            _members[i].QueueBeginning(source, life, activations.Span[i]);
        }

        await AllTurnedAsync();
        for (var i = 0; i < activations.Length; i++)
        {
            await _members[i].WrittenAsync()
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        Expect(activations.Length);
        for (var i = 0; i < activations.Length; i++)
        {
            _members[i].QueueEnd();
        }

        await AllTurnedAsync();
        Exception? failure = null;
        for (var i = 0; i < activations.Length; i++)
        {
            answers.Span[i] = _members[i].Answer ?? answers.Span[i];
            failure = _members[i].Failure ?? failure;
            _members[i].Clear();
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private void Expect(int turns)
    {
        // The extra turn is that of the caller: it keeps the count above 0 until the last turn is queued.
        _turning = turns + 1;
        _allTurned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private Task AllTurnedAsync()
    {
        Turned();
        return _allTurned!.Task;
    }

    private void Turned()
    {
        if (Interlocked.Decrement(ref _turning) == 0)
        {
            _allTurned!.SetResult();
        }
    }

    /// <summary>One grain of the batch.</summary>
    private sealed class Member(BatchFlush batch)
    {
        private static readonly Action<object> BeginningTurn = static member => ((Member)member).Begin();
        private static readonly Action<object> EndTurn = static member => ((Member)member).End();

        private IWindowActivation? _activation;
        private SourceId _source;
        private Guid _life;
        private WindowFlush.UnderWay _flush;
        private bool _hasBegun;

        public long? Answer { get; private set; }

        public Exception? Failure { get; private set; }

        public Task WrittenAsync() => _flush.Outcomes ?? Task.CompletedTask;

        public void QueueBeginning(SourceId source, Guid life, IWindowActivation? activation)
        {
            (_source, _life, _activation) = (source, life, activation);
            if (activation is null)
            {
                batch.Turned();
            }
            else
            {
                activation.QueueTurn(BeginningTurn, this);
            }
        }

        public void QueueEnd()
        {
            if (_hasBegun)
            {
                _activation!.QueueTurn(EndTurn, this);
            }
            else
            {
                batch.Turned();
            }
        }

        /// <summary>Releases the grain: an instance that waits for its next use must not keep ended grains in memory.</summary>
        public void Clear() => (_activation, _flush, _hasBegun, Answer, Failure) = (null, default, false, null, null);

        private void Begin()
        {
            try
            {
                _activation!.StayActive();
                _hasBegun = _activation.Flush.TryBegin(out _flush);
                if (_hasBegun && _flush.Outcomes is null)
                {
                    _hasBegun = false;
                    Answer = _activation.Flush.End(_source, _life, _flush);
                }
            }
            catch (Exception e)
            {
                Failure = e;
            }

            batch.Turned();
        }

        private void End()
        {
            try
            {
                Answer = _activation!.Flush.End(_source, _life, _flush);
            }
            catch (Exception e)
            {
                Failure = e;
            }

            batch.Turned();
        }
    }
}
