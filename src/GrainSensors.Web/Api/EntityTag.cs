using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace GrainSensors.Web.Api;

/// <summary>The entity tag of an object with versions, and the conditions of requests that change it.</summary>
internal static class EntityTag
{
    public static string Of(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <param name="what">The object, such as <c>a rule</c>.</param>
    /// <param name="first">The least version.</param>
    /// <returns>The version that If-Match expects; null: any.</returns>
    public static long? ExpectedBy(HttpRequest request, string what, long first)
    {
        var text = request.Headers.IfMatch.ToString();
        return text is "" or "*" ? null
            : long.TryParse(text.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version >= first ? version
            : throw ApiQuery.Invalid(HeaderNames.IfMatch, $"the ETag of {what}, such as \"7\"", text);
    }

    /// <returns>Whether If-None-Match demands that the object is new.</returns>
    public static bool MustBeNew(HttpRequest request) => request.Headers.IfNoneMatch.ToString() switch
    {
        "" => false,
        "*" => true,
        var text => throw ApiQuery.Invalid(HeaderNames.IfNoneMatch, "*", text),
    };
}
