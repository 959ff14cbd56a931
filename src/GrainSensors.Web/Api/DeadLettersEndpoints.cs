using System.Security.Claims;
using System.Text;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Changes;
using GrainSensors.Web.DeadLetters;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>Dead letters: the messages that the pipeline rejected.</summary>
internal static class DeadLettersEndpoints
{
    private const string Admin = "Requires a key with the role admin.";
    private const string RejectedAgain =
        "409: the pipeline would reject messages again, and accept_rejected is not true. A requeue that stopped early says why in stopped, "
        + "and the next one requeues the rest.";

    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    private static readonly (string Word, DeadLetterState Value)[] States =
        [("open", DeadLetterState.Open), ("requeued", DeadLetterState.Requeued), ("all", DeadLetterState.All)];

    private static readonly ApiParameter Id = new("dead_letter_id", "id of a dead letter, PARTITION:OFFSET");

    public static void MapDeadLetters(this IEndpointRouteBuilder api)
    {
        api.MapGet("/dead-letters", ListAsync)
            .WithTags("Dead letters").WithName("GetDeadLetters")
            .WithSummary("Counts dead letters by hour and reason, and lists the latest ones")
            .WithDescription("Kafka is read for it, so it takes longer with more dead letters. Copies of the same message count once.")
            .Takes(
                new ApiParameter("reason", "tokens of reasons; all by default") { IsList = true },
                new("source", "TOPIC, TOPIC:PARTITION or TOPIC:PARTITION:OFFSET; all by default"),
                ApiParameter.From("only dead letters written at or after this time"),
                ApiParameter.To("only dead letters written before this time"),
                ApiParameter.OneOf("state", "those that were requeued, too", States.Select(state => state.Word), "open"),
                ApiParameter.Limit(DefaultLimit, MaxLimit));
        api.MapGet("/dead-letters/{dead_letter_id}", GetAsync)
            .WithTags("Dead letters").WithName("GetDeadLetter")
            .WithSummary("Returns a dead letter with its bytes and headers")
            .Takes(Id)
            .ProducesProblem(StatusCodes.Status404NotFound);
        Requeues(api.MapPost("/dead-letters/requeue", RequeueManyAsync))
            .WithTags("Dead letters").WithName("RequeueDeadLetters")
            .WithSummary("Sends open dead letters back to the topics that they came from, each once")
            .WithDescription($"By ids, by a filter, or all with all_open. {RejectedAgain} {Admin}");
        Requeues(api.MapPost("/dead-letters/{dead_letter_id}/requeue", RequeueAsync))
            .WithTags("Dead letters").WithName("RequeueDeadLetter")
            .WithSummary("Sends a dead letter back to its topic, as it is or with another value")
            .WithDescription($"Key, headers and timestamp stay the same. {RejectedAgain} {Admin}")
            .Takes(Id);
    }

    private static RouteHandlerBuilder Requeues(RouteHandlerBuilder endpoint) => endpoint
        .RequireAuthorization(DeadLetterBook.Policy)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status502BadGateway);

    private static async Task<DeadLettersBody> ListAsync(
        DeadLetterBook book, string? reason, string? source, string? from, string? to, string? state, string? limit,
        CancellationToken cancellationToken)
    {
        var isRequeued = (ApiQuery.Choice("state", state, States) ?? DeadLetterState.Open) switch
        {
            DeadLetterState.Open => false,
            DeadLetterState.Requeued => true,
            _ => (bool?)null,
        };
        var filter = Filter([.. ApiQuery.Words(reason)], source, from, to);
        return DeadLettersBody.Of(
            await book.ListAsync(filter, isRequeued, ApiQuery.Limit(limit, DefaultLimit, MaxLimit), cancellationToken));
    }

    private static async Task<DeadLetterBody> GetAsync(
        DeadLetterBook book, [FromRoute(Name = "dead_letter_id")] string deadLetterId, CancellationToken cancellationToken) =>
        DeadLetterBody.Of(await book.FindAsync(Parse(deadLetterId), cancellationToken)
            ?? throw ApiQuery.NotFound($"There is no dead letter \"{ApiQuery.Quote(deadLetterId)}\"."));

    private static Task<RequeueReport> RequeueManyAsync(
        DeadLetterBook book, RequeueRequest? body, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var filter = Filter(body?.Reasons ?? [], body?.Source, body?.From, body?.To);
        var hasFilter = filter != new DeadLetterFilter();
        if (body is null || (body.Ids is { Count: > 0 } ? 1 : 0) + (hasFilter ? 1 : 0) + (body.AllOpen == true ? 1 : 0) != 1)
        {
            throw ApiQuery.Bad("Select dead letters by one of ids, a filter (reasons, source, from, to), or \"all_open\": true.");
        }

        return RunAsync(
            book,
            new(body.Ids is { Count: > 0 } ids ? new() { Ids = ids.Select(Parse).ToHashSet() } : filter)
            {
                IsDryRun = body.DryRun == true,
                AcceptsRejection = body.AcceptRejected == true,
            },
            user,
            cancellationToken);
    }

    private static Task<RequeueReport> RequeueAsync(
        DeadLetterBook book, [FromRoute(Name = "dead_letter_id")] string deadLetterId, RequeueOneRequest? body, ClaimsPrincipal user,
        CancellationToken cancellationToken)
    {
        var id = Parse(deadLetterId);
        return RunAsync(
            book,
            new(new() { Ids = new HashSet<DeadLetterId> { id } })
            {
                Edit = body?.Value is { } value ? new(id, Encoding.UTF8.GetBytes(value)) : null,
                IsDryRun = body?.DryRun == true,
                AcceptsRejection = body?.AcceptRejected == true,
            },
            user,
            cancellationToken);
    }

    private static async Task<RequeueReport> RunAsync(
        DeadLetterBook book, RequeueOrder order, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        try
        {
            return await book.RequeueAsync(AccessActor.Of(user), order, cancellationToken);
        }
        catch (ChangeRefusedException e) when (e.Reason == ChangeRefusal.RejectedAgain)
        {
            throw new ApiException(
                StatusCodes.Status409Conflict, $"{e.Message} Correct them, or send \"accept_rejected\": true to requeue them as they are.");
        }
    }

    private static DeadLetterId Parse(string text) => DeadLetterId.TryParse(text, out var id)
        ? id
        : throw ApiQuery.Invalid("dead_letter_id", "PARTITION:OFFSET such as 0:17", text);

    private static DeadLetterFilter Filter(IReadOnlyList<string> reasons, string? source, string? from, string? to)
    {
        if (reasons.Except(DeadLetterMessage.Reasons).FirstOrDefault() is { } unknown)
        {
            throw ApiQuery.Invalid("reason", $"one of {string.Join(", ", DeadLetterMessage.Reasons)}", unknown);
        }

        var (first, last) = ApiQuery.Range(from, to, EpochTime.Min, EpochTime.Max);
        var filter = new DeadLetterFilter
        {
            Reasons = reasons.Count > 0 ? reasons.ToHashSet() : null,
            From = string.IsNullOrEmpty(from) ? null : EpochTime.ToDateTime(first),
            To = string.IsNullOrEmpty(to) ? null : EpochTime.ToDateTime(last),
        };
        return string.IsNullOrEmpty(source) ? filter
            : filter.WithSource(source) ?? throw ApiQuery.Invalid("source", "TOPIC, TOPIC:PARTITION or TOPIC:PARTITION:OFFSET", source);
    }

    private enum DeadLetterState
    {
        Open,
        Requeued,
        All,
    }
}
