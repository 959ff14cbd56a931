using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Ingest.Producing.Once;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Api;

/// <summary>Answers requests with readings; with an Idempotency-Key, repeats of a request are answered as the first one.</summary>
internal sealed class KeyedRequests(KeyedIngest ingest, IOptions<JsonOptions> json)
{
    public const string Header = "Idempotency-Key";

    /// <summary>In an answer: an earlier request stored the readings.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const int MaxLength = 255;

    /// <summary>Bytes of all requests that may wait for a transaction.</summary>
    private const long MaxWaiting = 64 * 1024 * 1024;

    /// <summary>The seconds after which a client may send a refused request again.</summary>
    private const int RetryAfter = 1;

    private long _waiting;

    public static ApiParameter Parameter { get; } =
        new(Header, "1 to 255 printable ASCII characters; repeats of the request within 24 hours count once") { IsHeader = true };

    public static AnswerHeader Replayed { get; } =
        new(StatusCodes.Status202Accepted, ReplayedHeader, "true: an earlier request with the key stored the readings");

    /// <param name="checkAsync">Checks the request.</param>
    /// <exception cref="ApiException">The detail states what is stored.</exception>
    public async Task<IResult> RunAsync<T>(HttpRequest request, Sender sender, byte[] body, Func<Task<CheckedRequest<T>>> checkAsync)
        where T : class
    {
        if (request.Headers[Header] is { Count: 0 })
        {
            var (answer, _, produceAsync) = await checkAsync();
            await produceAsync();
            return TypedResults.Accepted((string?)null, answer);
        }

        var key = KeyOf(request);
        try
        {
            if (Interlocked.Add(ref _waiting, body.Length) > MaxWaiting)
            {
                throw new ApiException(
                    StatusCodes.Status429TooManyRequests,
                    $"Too many requests with {Header} wait for Kafka. Nothing was stored; repeat the request later.")
                {
                    RetryAfter = RetryAfter,
                };
            }

            var outcome = await ingest.RunAsync(
                new(sender.Caller, key), HashOf(request, body), async () => BatchOf(await checkAsync()),
                request.HttpContext.RequestAborted);
            return ResultOf(outcome, key, request.HttpContext.Response);
        }
        catch (Exception e) when (Describe(e) is { } described)
        {
            throw described;
        }
        finally
        {
            Interlocked.Add(ref _waiting, -body.Length);
        }
    }

    /// <exception cref="ApiException">It is not valid.</exception>
    private static string KeyOf(HttpRequest request)
    {
        var key = request.Headers[Header].ToString();
        return key.Length is > 0 and <= MaxLength && key.All(character => character is >= ' ' and <= '~')
            ? key
            : throw ApiQuery.Bad($"{Header} must have 1 to {MaxLength} printable ASCII characters; got \"{ApiQuery.Quote(key)}\".");
    }

    /// <summary>All that decides what is stored.</summary>
    private static string HashOf(HttpRequest request, byte[] body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n{request.ContentType}\n"));
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private KeyedBatch BatchOf<T>(CheckedRequest<T> request)
        where T : class =>
        new(
            JsonSerializer.Serialize(request.Answer, json.Value.SerializerOptions),
            request.Messages,
            request.ProduceAsync,
            e => e is ApiException { Status: not StatusCodes.Status503ServiceUnavailable });

    private static ContentHttpResult ResultOf(KeyedOutcome outcome, string key, HttpResponse response)
    {
        switch (outcome.Status)
        {
            case KeyedStatus.OtherRequest:
                throw new ApiException(
                    StatusCodes.Status422UnprocessableEntity,
                    $"The {Header} \"{ApiQuery.Quote(key)}\" belongs to a request with another path, type or body; use a new key.");
            case KeyedStatus.UnderWay:
                throw new ApiException(
                    StatusCodes.Status409Conflict,
                    $"The request with the {Header} \"{ApiQuery.Quote(key)}\" is under way; repeat it later.")
                {
                    RetryAfter = (int)Math.Ceiling(outcome.RetryAfter.TotalSeconds),
                };
            case KeyedStatus.Unknown:
                throw new ApiException(
                    StatusCodes.Status409Conflict,
                    $"The first request with the {Header} \"{ApiQuery.Quote(key)}\" ended without an answer, and it is not known whether "
                    + "its readings are stored. Check the windows; a new key would store them again.");
            case KeyedStatus.Repeated:
                response.Headers[ReplayedHeader] = "true";
                break;
        }

        return TypedResults.Text(outcome.Answer, "application/json", Encoding.UTF8, StatusCodes.Status202Accepted);
    }

    /// <returns>Null: the exception is another one.</returns>
    private static ApiException? Describe(Exception e) => e switch
    {
        PayloadTooLargeException => new(
            StatusCodes.Status413PayloadTooLarge, $"{e.Message} Nothing was stored; send fewer or smaller ones."),
        TransactionAbortedException => Unavailable($"{e.Message} Nothing was stored; repeat the request later."),
        KafkaUnavailableException => Unavailable($"{e.Message} Repeat the request with the same {Header}: its readings count once."),
        _ => null,
    };

    private static ApiException Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, detail) { RetryAfter = RetryAfter };
}

/// <summary>A request with valid readings.</summary>
/// <param name="Answer">The answer when they are stored.</param>
/// <param name="Messages">Its messages to Kafka, for a transaction.</param>
/// <param name="ProduceAsync">Produces them without a transaction.</param>
internal sealed record CheckedRequest<T>(T Answer, Func<IEnumerable<IngestMessage>> Messages, Func<Task> ProduceAsync)
    where T : class;
