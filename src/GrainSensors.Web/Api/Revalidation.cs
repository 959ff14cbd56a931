using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace GrainSensors.Web.Api;

/// <summary>Answers that a client may keep and ask for again: they have an entity tag, and are not sent while they are unchanged.</summary>
internal static class Revalidation
{
    private const string CacheControl = "private, no-cache";

    /// <summary>Must come after routing.</summary>
    public static void UseRevalidation(this IApplicationBuilder app) => app.UseWhen(
        context => (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            && context.GetEndpoint()?.Metadata.GetMetadata<Revalidated>() is not null,
        branch => branch.Use(AnswerAsync));

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        var response = context.Response;
        var body = response.Body;
        using var answer = new MemoryStream();
        response.Body = answer;
        try
        {
            await next(context);
        }
        finally
        {
            response.Body = body;
        }

        var bytes = answer.GetBuffer().AsMemory(0, (int)answer.Length);
        if (response.StatusCode == StatusCodes.Status200OK)
        {
            // Weak: the compression of the answer is decided later.
            var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes.Span).AsSpan(..16))}\"", isWeak: true);
            (response.Headers.ETag, response.Headers.CacheControl) = (tag.ToString(), CacheControl);
            if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                response.ContentType = null;
                response.ContentLength = null;
                return;
            }
        }

        await body.WriteAsync(bytes, context.RequestAborted);
    }
}

/// <summary>Metadata of an endpoint whose answers have an entity tag. They are kept in memory until they are complete.</summary>
internal sealed class Revalidated;
