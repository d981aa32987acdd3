/* SPDX-License-Identifier: BSD-3-Clause */
/* The ids are those that the specification and its reference implementation publish. */
#include "export_community.h"
#include "export_sample.h"
#include "unit_main.h"

struct vector {
	const char *source;
	const char *destination;
	uint8_t protocol;
	uint16_t a; /* source port, or ICMP type */
	uint16_t b; /* destination port, or ICMP code */
	const char *id;
};

static const struct vector vectors[] = {
		{"128.232.110.120", "66.35.250.204", 6, 34855, 80,
				"1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{"66.35.250.204", "128.232.110.120", 6, 80, 34855,
				"1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{"10.0.0.1", "10.0.0.2", 6, 10, 11569, "1:SXBGMX1lBOwhhoDrZynfROxnhnM="},
		{"2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 6, 63943, 25,
				"1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
		{"2607:f8b0:400c:c03::1a", "2001:470:e5bf:dead:4957:2174:e82c:4887", 6, 25, 63943,
				"1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
		{"192.168.1.52", "8.8.8.8", 17, 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
		{"8.8.8.8", "192.168.1.52", 17, 53, 54585, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
		{"192.168.170.8", "192.168.170.56", 132, 7, 80, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ="},
		{"192.168.170.56", "192.168.170.8", 132, 80, 7, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ="},
		{"192.168.170.8", "192.168.170.56", 132, 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
		/* no ports */
		{"10.1.24.4", "10.1.12.1", 46, 0, 0, "1:/nQI4Rh/TtY3mf0R2gJFBkVlgS4="},
		{"10.1.12.1", "10.1.24.4", 46, 0, 0, "1:/nQI4Rh/TtY3mf0R2gJFBkVlgS4="},
		{"10.1.12.1", "10.1.12.2", 46, 0, 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="},
		/* ICMP: question and answer are one conversation, whatever the code */
		{"192.168.0.89", "192.168.0.1", 1, 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{"192.168.0.1", "192.168.0.89", 1, 0, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{"192.168.0.1", "192.168.0.89", 1, 0, 20, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		/* ... a type without answer is one way, and its code counts */
		{"192.168.0.89", "192.168.0.1", 1, 20, 0, "1:3o2RFccXzUgjl7zDpqmY7yJi8rI="},
		{"192.168.0.89", "192.168.0.1", 1, 20, 1, "1:tz/fHIDUHs19NkixVVoOZywde+I="},
		{"10.0.0.1", "10.0.0.2", 1, 11, 0, "1:YHxtAirCG//0OzkcVAukqKQN9xM="},
		{"fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 58, 135, 0,
				"1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
		{"fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 58, 136, 0,
				"1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
		{"3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2", 58, 128, 0,
				"1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="},
		{"3ffe:501:0:1001::2", "3ffe:507:0:1:200:86ff:fe05:80da", 58, 129, 0,
				"1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="},
		{"fe80::200:86ff:fe05:80da", "ff02::2", 58, 133, 0,
				"1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0="},
		{"fe80::260:97ff:fe07:69ea", "ff02::1", 58, 134, 0,
				"1:pkvHqCL88/tg1k4cPigmZXUtL00="},
		{"3ffe:501:1800:2345::2", "3ffe:507:0:1:200:86ff:fe05:80da", 58, 3, 0,
				"1:2ObVBgIn28oZvibYZhZMBgh7WdQ="},
		{"3ffe:501:410:0:2c0:dfff:fe47:33e", "3ffe:507:0:1:200:86ff:fe05:80da", 58, 1, 4,
				"1:hLZd0XGWojozrvxqE0dWB1iM6R0="},
		{"3ffe:507:0:1:260:97ff:fe07:69ea", "3ffe:507:0:1:200:86ff:fe05:80da", 58, 3, 0,
				"1:NdobDX8PQNJbAyfkWxhtL2Pqp5w="},
		{"3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:507:0:1:260:97ff:fe07:69ea", 58, 3, 0,
				"1:/OGBt9BN1ofenrmSPWYicpij2Vc="},
};

static struct flow_record make_record(const struct vector *vector)
{
	struct flow_record record = {
			.protocol = vector->protocol,
			.ip_version = strchr(vector->source, ':') ? 6 : 4,
			.source_port = vector->a,
			.destination_port = vector->b,
	};

	sample_address(&record.source, vector->source);
	sample_address(&record.destination, vector->destination);
	if (vector->protocol == 1 || vector->protocol == 58) {
		record.source_port = 0;
		record.destination_port = 0;
		record.icmp_type = (uint8_t)vector->a;
		record.icmp_code = (uint8_t)vector->b;
	}
	return record;
}

START_TEST(published_ids)
{
	struct export_community *community;
	struct flow_record record = make_record(&vectors[_i]);
	char id[EXPORT_COMMUNITY_BYTES + 1];

	ck_assert_int_eq(export_community_create(&community), 0);
	for (unsigned int again = 0; again < 2; again++) { /* the state starts anew each time */
		char *end = export_community_write(community, id, &record);
		ck_assert_ptr_eq(end, id + EXPORT_COMMUNITY_BYTES);
		*end = '\0';
		ck_assert_str_eq(id, vectors[_i].id);
	}
	export_community_destroy(community);
}
END_TEST

/* Without its ports a conversation would get the id of another one. */
START_TEST(unknown_ports_have_no_id)
{
	struct export_community *community;
	struct flow_record record = make_record(&vectors[0]);
	char id[EXPORT_COMMUNITY_BYTES];

	ck_assert_int_eq(export_community_create(&community), 0);
	record.source_port = 0;
	record.destination_port = 0;
	record.flags = PACKET_FLAG_FRAGMENT | PACKET_FLAG_LATER_FRAGMENT;
	ck_assert_ptr_null(export_community_write(community, id, &record));
	record.flags = PACKET_FLAG_NO_PORTS;
	ck_assert_ptr_null(export_community_write(community, id, &record));
	record.protocol = 1;
	ck_assert_ptr_null(export_community_write(community, id, &record));
	record.protocol = 47; /* GRE has none to be seen */
	ck_assert_ptr_nonnull(export_community_write(community, id, &record));
	export_community_destroy(community);
	export_community_destroy(NULL);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("export_community");
	TCase *tcase = tcase_create("community");

	tcase_add_loop_test(tcase, published_ids, 0, (int)BASE_COUNT_OF(vectors));
	tcase_add_test(tcase, unknown_ports_have_no_id);
	suite_add_tcase(suite, tcase);
	return suite;
}
