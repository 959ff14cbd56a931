using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Idempotency;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Ingest.Producing.Once;

/// <summary>
/// Stores the readings of a request with an Idempotency-Key once, on whichever silo the request and its repeats arrive.
/// </summary>
/// <remarks>
/// A claim in the store names the transactional id before anything is produced, and every transaction of the claim has this id. A repeat
/// takes the claim over, fences the id, and looks for the record that a transaction writes with its readings. It is correct whenever
/// the first request stops or goes on: before the fence its transaction is committed with the record, or it never is. The claim is
/// checked again after the fence, so of two repeats the one that fences last produces, or finds what the other one stored.
/// </remarks>
public sealed class KeyedIngest : IDisposable
{
    /// <summary>Longer than a request lasts. A repeat that comes sooner is refused; correctness does not depend on it.</summary>
    internal static readonly TimeSpan Hold = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan BeginTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private readonly IIdempotencyKeys _keys;
    private readonly IngestTransactions _transactions;
    private readonly IngestRecords _records;
    private readonly DeliveryTracker _deliveries;
    private readonly TimeProvider _clock;

    internal KeyedIngest(KafkaClients clients, DeliveryTracker deliveries, IIdempotencyKeys keys, TimeProvider clock)
    {
        (_deliveries, _keys, _clock) = (deliveries, keys, clock);
        (_transactions, _records) = (new(clients), new(clients));
    }

    /// <param name="hash">SHA-256 of the request, hexadecimal.</param>
    /// <param name="prepareAsync">Checks the request. What it throws leaves no claim: the key can be used again.</param>
    /// <param name="cancellationToken">Ends the request before its claim; with the claim it is brought to its end.</param>
    /// <exception cref="PayloadTooLargeException">Nothing is stored, and the key can be used again.</exception>
    /// <exception cref="TransactionAbortedException">Nothing is stored, and the key can be used again.</exception>
    /// <exception cref="KafkaUnavailableException">A repeat finds out whether the readings are stored.</exception>
    /// <exception cref="WindowStoreUnavailableException">Nothing is stored by this request.</exception>
    public async Task<KeyedOutcome> RunAsync(
        ClaimKey key, string hash, Func<Task<KeyedBatch>> prepareAsync, CancellationToken cancellationToken)
    {
        if (await _keys.FindAsync(key, cancellationToken) is { } known)
        {
            return Judge(known, hash) ?? await RepeatAsync(key, known, prepareAsync);
        }

        var batch = await prepareAsync();
        var isEmbedded = await KafkaUnavailableException.GuardAsync(_records.Options, () => _deliveries.GuardAsync().AsTask()) is not null;
        if (isEmbedded)
        {
            return await ClaimAsync(key, new(hash, null, default), claim => ProduceAsync(claim, batch));
        }

        using var transaction = await BeginAsync(cancellationToken);
        var first = new Claim(hash, transaction.TransactionalId, await _records.EndAsync(key));
        return await ClaimAsync(key, first, claim => CommitAsync(claim, transaction, batch), transaction);
    }

    public void Dispose()
    {
        _transactions.Dispose();
        _records.Dispose();
    }

    /// <returns>Null: the claim can be taken over.</returns>
    private static KeyedOutcome? Judge(StoredClaim known, string hash) =>
        known.Claim.BodyHash != hash ? new(KeyedStatus.OtherRequest)
        : known.Answer is { } answer ? new(KeyedStatus.Repeated, answer)
        : known.HeldFor > TimeSpan.Zero ? new(KeyedStatus.UnderWay) { RetryAfter = known.HeldFor }
        : known.Claim.TransactionalId is null ? new(KeyedStatus.Unknown)
        : null;

    /// <param name="transaction">Of the claim; null: there is none.</param>
    private async Task<KeyedOutcome> ClaimAsync(
        ClaimKey key, Claim claim, Func<HeldClaim, Task<KeyedOutcome>> produceAsync, IngestTransaction? transaction = null)
    {
        var held = new HeldClaim(_keys, key, Guid.NewGuid(), claim);
        if (await _keys.AddAsync(key, held.Token, claim, Hold, CancellationToken.None))
        {
            return await produceAsync(held);
        }

        // No row has its id.
        transaction?.Complete();
        return await _keys.FindAsync(key, CancellationToken.None) is { } other && Judge(other, claim.BodyHash) is { } outcome ? outcome
            : new(KeyedStatus.UnderWay) { RetryAfter = Soon };
    }

    private async Task<KeyedOutcome> RepeatAsync(ClaimKey key, StoredClaim known, Func<Task<KeyedBatch>> prepareAsync)
    {
        var held = new HeldClaim(_keys, key, Guid.NewGuid(), known.Claim);
        if (!await _keys.HoldAsync(key, known.Token, held.Token, Hold, CancellationToken.None))
        {
            return new(KeyedStatus.UnderWay) { RetryAfter = Soon };
        }

        try
        {
            using var transaction = await FenceAsync(known.Claim.TransactionalId!);
            if (await _records.FindAsync(key, known.Claim) is { } answer)
            {
                await AnswerAsync(held, transaction, answer);
                return new(KeyedStatus.Repeated, answer);
            }

            // Whoever takes the claim over after this check fences this request.
            if (!await held.RenewAsync(Hold))
            {
                return new(KeyedStatus.UnderWay) { RetryAfter = Soon };
            }

            return await CommitAsync(held, transaction, await PreparedAsync(held, transaction, prepareAsync));
        }
        catch (RecordsLostException)
        {
            await held.TryReleaseAsync();
            return new(KeyedStatus.Unknown);
        }
        catch (KafkaUnavailableException)
        {
            await held.TryReleaseAsync();
            throw;
        }
    }

    /// <summary>The fence has shown that nothing is stored, so a request that is refused leaves no claim.</summary>
    private static async Task<KeyedBatch> PreparedAsync(
        HeldClaim held, IngestTransaction transaction, Func<Task<KeyedBatch>> prepareAsync)
    {
        try
        {
            return await prepareAsync();
        }
        catch
        {
            await RemoveAsync(held, transaction);
            throw;
        }
    }

    private static async Task RemoveAsync(HeldClaim held, IngestTransaction transaction)
    {
        if (await held.TryRemoveAsync())
        {
            transaction.Complete();
        }
    }

    private async Task<KeyedOutcome> CommitAsync(HeldClaim held, IngestTransaction transaction, KeyedBatch batch)
    {
        try
        {
            await transaction.CommitAsync(batch.Messages(), _records.Of(held.Key, held.Claim, batch.Answer));
        }
        catch (Exception e) when (e is TransactionAbortedException or PayloadTooLargeException)
        {
            await RemoveAsync(held, transaction);
            throw;
        }
        catch (KafkaUnavailableException)
        {
            await held.TryReleaseAsync();
            throw;
        }

        await AnswerAsync(held, transaction, batch.Answer);
        return new(KeyedStatus.Accepted, batch.Answer);
    }

    /// <summary>The readings are in Kafka. Without the answer a repeat finds the record, so a failure is none of the request.</summary>
    private static async Task AnswerAsync(HeldClaim held, IngestTransaction transaction, string answer)
    {
        if (await held.TryAnswerAsync(answer))
        {
            transaction.Complete();
        }
    }

    /// <summary>Without transactions nobody can find out later what a request that failed has stored.</summary>
    private static async Task<KeyedOutcome> ProduceAsync(HeldClaim held, KeyedBatch batch)
    {
        try
        {
            await batch.ProduceAsync();
        }
        catch (Exception e)
        {
            await (batch.IsRefusal(e) ? held.TryRemoveAsync() : held.TryReleaseAsync());
            throw;
        }

        await held.TryAnswerAsync(batch.Answer);
        return new(KeyedStatus.Accepted, batch.Answer);
    }

    private Task<IngestTransaction> BeginAsync(CancellationToken cancellationToken) =>
        WithTimeoutAsync(_transactions.BeginAsync, cancellationToken);

    private Task<IngestTransaction> FenceAsync(string transactionalId) =>
        WithTimeoutAsync(stop => _transactions.FenceAsync(transactionalId, stop), CancellationToken.None);

    private async Task<IngestTransaction> WithTimeoutAsync(
        Func<CancellationToken, Task<IngestTransaction>> beginAsync, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(BeginTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await beginAsync(either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new KafkaUnavailableException("Too many requests with an Idempotency-Key wait for Kafka; repeat the request later.");
        }
    }
}
